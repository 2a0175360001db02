import { open, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../artifact/makeFolder';
import { newOwnerId } from '../artifact/ownerId';
import { ioError } from '../errors/ioError';

/**
 * Writes a file that its user alone may read, in place of the one that stands there. A link stays a link: people keep such files
 * elsewhere.
 *
 * @param subject for messages: `the credentials`
 * @throws RunwrightError RW_IO; what stood there is whole then
 */
export async function replacePrivateFile(path: string, text: string, subject: string): Promise<void> {
  try {
    await makeFolder(dirname(path), PRIVATE_FOLDER);
    const target = await realpath(path).catch(() => path);
    const aside = `${target}.${newOwnerId()}`;
    try {
      const file = await open(aside, 'wx', PRIVATE_FILE);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, target);
    } catch (error) {
      await unlink(aside).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw ioError(error, path, `write ${subject}`);
  }
}

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
