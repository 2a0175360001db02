import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { MODEL_FILE, MODEL_FORMAT } from './modelFormat';

const BEGINNING = `{"format":"${MODEL_FORMAT}",`;

/**
 * True when the folder holds a model that `saveValue` wrote; a `model.json` of another kind does not count. Whether all of it
 * is sound is for `loadValue` to say.
 *
 * @throws RunwrightError RW_IO when the file is there but cannot be read
 */
export async function hasSavedValue(directory: string): Promise<boolean> {
  const file = join(directory, MODEL_FILE);
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING.length), 0, BEGINNING.length, 0);
      return buffer.toString('utf8', 0, bytesRead) === BEGINNING;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw ioError(cause, file, 'read the model');
  }
}
