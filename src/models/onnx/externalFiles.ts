import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import type { RunwrightError } from '../../errors/RunwrightError';
import { modelFileInvalid } from '../value/modelFileInvalid';
import { isPlainPath } from './isPlainPath';

/**
 * The files of external data that a model refers to, as paths relative to its folder.
 *
 * @param file absolute path of the model
 * @param locations as the model names them
 * @throws RunwrightError RW_MODEL_FILE_INVALID for one that is absolute, leaves the folder, or is not there
 */
export async function externalFiles(file: string, locations: readonly string[]): Promise<string[]> {
  const folder = dirname(file);
  const paths: string[] = [];
  for (const location of locations) {
    const what = `its external data ${JSON.stringify(location)}`;
    const refuse = (how: string, hint: string, cause?: unknown): RunwrightError =>
      modelFileInvalid(file, `${what} ${how}`, { hint, cause });
    const path = location.replace(/^(\.\/)+/, '');
    if (!isPlainPath(path)) {
      throw refuse('is not a path within its folder', 'Save the model again, with its data beside it');
    }
    try {
      const found = await stat(join(folder, path));
      if (!found.isFile()) throw refuse('is not a file', 'Put the file that holds the weights there');
    } catch (cause) {
      if (!isMissing(cause)) throw ioError(cause, join(folder, path), 'read the external data of the model');
      throw refuse('is missing', `Put the file into ${folder}: it holds weights of the model`, cause);
    }
    if (!paths.includes(path)) paths.push(path);
  }
  return paths;
}
