import { stat } from 'node:fs/promises';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { modelFileInvalid } from '../value/modelFileInvalid';

/**
 * @param file absolute path
 * @throws RunwrightError RW_MODEL_FILE_INVALID when it is missing, no file, or empty
 */
export async function refuseNoFile(file: string): Promise<void> {
  const hint = 'Give the path of an ONNX file';
  try {
    const found = await stat(file);
    // A pipe would block the reader.
    if (!found.isFile()) {
      throw modelFileInvalid(file, `it is ${found.isDirectory() ? 'a folder' : 'not a file'}`, { hint });
    }
    if (found.size === 0) throw modelFileInvalid(file, 'the file is empty', { hint });
  } catch (cause) {
    if (isMissing(cause)) throw modelFileInvalid(file, 'there is no such file', { hint, cause });
    throw ioError(cause, file, 'read the model');
  }
}
