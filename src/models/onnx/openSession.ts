import type { InferenceSession } from 'onnxruntime-common';
import { RunwrightError } from '../../errors/RunwrightError';
import { loadOnnxRuntime, type OnnxRuntime } from './loadOnnxRuntime';
import type { OnnxOptions } from './OnnxOptions';
import { sessionError } from './sessionError';

/** FATAL: every error is thrown, and is not to be written to stderr as well. */
const SILENT = 4;

/**
 * onnxruntime's session for a file.
 *
 * @param file absolute path
 * @param threads default of `intraOpNumThreads`
 */
export async function openSession(
  file: string,
  { batch: _, ...options }: OnnxOptions,
  threads: number | undefined,
): Promise<InferenceSession> {
  const library = await loadOnnxRuntime();
  refuseUnknownProviders(options.executionProviders ?? [], library, file);
  try {
    return await library.InferenceSession.create(file, {
      logSeverityLevel: SILENT,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...options,
    });
  } catch (cause) {
    throw sessionError(cause, file);
  }
}

/** onnxruntime-common would leave them out, with a warning on the console. */
function refuseUnknownProviders(
  providers: NonNullable<OnnxOptions['executionProviders']>,
  { listSupportedBackends }: OnnxRuntime,
  file: string,
): void {
  const known = listSupportedBackends().map(({ name }) => name);
  const names = providers.map((provider) => (typeof provider === 'string' ? provider : provider.name));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: `${file}, option \`executionProviders\``,
    what: `the onnxruntime-node that is installed has no provider "${unknown}"`,
    hint: `Use ${known.join(', ')}, or leave it out to run on the CPU`,
  });
}
