import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ioError } from '../../errors/ioError';

type Write = (text: string) => Promise<void>;

/**
 * A file that appears as a whole or not at all: it is written aside and renamed when `use` has ended well. What is no plain
 * file (a pipe, /dev/null) is written to as it is.
 *
 * @throws RunwrightError RW_IO
 */
export async function withOutput<T>(file: string, use: (write: Write) => Promise<T>): Promise<T> {
  const path = await realpath(file).catch(() => resolve(file));
  const isSpecial = await stat(path).then(
    (status) => !status.isFile(),
    () => false,
  );
  const aside = isSpecial ? path : join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const fail = (error: unknown): never => {
    throw ioError(error, path, 'write the outputs');
  };
  const handle = await open(aside, isSpecial ? 'w' : 'wx').catch(fail);
  try {
    let result: T;
    try {
      result = await use((text) => handle.appendFile(text).catch(fail));
      if (!isSpecial) await handle.sync().catch(fail);
    } finally {
      await handle.close();
    }
    if (!isSpecial) await rename(aside, path).catch(fail);
    return result;
  } catch (error) {
    if (!isSpecial) await rm(aside, { force: true });
    throw error;
  }
}
