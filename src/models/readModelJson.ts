import { readFile } from 'node:fs/promises';
import { ioError } from '../errors/ioError';
import { isMissing } from '../errors/isMissing';
import { modelFileInvalid } from './value/modelFileInvalid';

/**
 * The `model.json` of a saved model.
 *
 * @param file absolute path
 * @throws RunwrightError RW_MODEL_FILE_INVALID when it is missing or no JSON; RW_IO
 */
export async function readModelJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) throw modelFileInvalid(file, 'the file is missing', { cause });
    throw ioError(cause, file, 'read the model');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw modelFileInvalid(file, 'the file is not JSON', { cause });
  }
}
