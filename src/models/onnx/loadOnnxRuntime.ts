import type * as onnxruntime from 'onnxruntime-node';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { RunwrightError } from '../../errors/RunwrightError';
import { disableTelemetry } from './disableTelemetry';

export type OnnxRuntime = typeof onnxruntime;

/**
 * onnxruntime-node, an optional peer of ours.
 *
 * @throws RunwrightError RW_LIBRARY_MISSING with the command that installs it
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  disableTelemetry();
  let library: OnnxRuntime;
  try {
    library = await import('onnxruntime-node');
  } catch (cause) {
    const absent =
      errorCodeOf(cause) === 'ERR_MODULE_NOT_FOUND' && String(cause).includes("'onnxruntime-node'");
    throw new RunwrightError('RW_LIBRARY_MISSING', {
      where: 'onnxruntime-node',
      what: absent
        ? 'it runs ONNX models, and is not installed'
        : `it is installed, and its native part does not load on ${process.platform} ${process.arch}`,
      hint: absent
        ? 'Run `npm install onnxruntime-node`'
        : 'See the cause, and run `npm install onnxruntime-node` here',
      cause,
    });
  }
  // What is not about one session is written to stderr by the process's own logger; it is made with the first session.
  if (library.env.logLevel === 'warning') library.env.logLevel = 'fatal';
  return library;
}
