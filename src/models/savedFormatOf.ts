import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError } from '../errors/ioError';
import { isMissing } from '../errors/isMissing';
import { ONNX_FORMAT } from './onnx/onnxFormat';
import { TORCH_FORMAT } from './torch/torchFormat';
import { MODEL_FILE, MODEL_FORMAT } from './value/modelFormat';

/** `default` is that of plain values. */
export type SavedFormat = 'default' | 'onnx' | 'torch';

/** What `model.json` says first, so that nothing else of it is to be read. */
const FORMATS: Readonly<Record<SavedFormat, string>> = {
  default: MODEL_FORMAT,
  onnx: ONNX_FORMAT,
  torch: TORCH_FORMAT,
};

const LONGEST = 64;

/**
 * The format of the model in a folder; `undefined` when it holds none that `saveInstance` wrote. Whether all of it is sound
 * is for `loadInstance` to say.
 *
 * @throws RunwrightError RW_IO when `model.json` is there but cannot be read
 */
export async function savedFormatOf(directory: string): Promise<SavedFormat | undefined> {
  const file = join(directory, MODEL_FILE);
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST), 0, LONGEST, 0);
      const beginning = buffer.toString('utf8', 0, bytesRead);
      const formats = Object.keys(FORMATS) as SavedFormat[];
      return formats.find((format) => beginning.startsWith(`{"format":"${FORMATS[format]}",`));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw ioError(cause, file, 'read the model');
  }
}
