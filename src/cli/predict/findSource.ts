import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';

export interface InputSource {
  /** For messages. */
  readonly name: string;
  /** Bytes; `undefined` for a pipe. */
  readonly size: number | undefined;
  readonly open: () => Readable;
}

/**
 * Looks whether inputs can be read, before anything is loaded for them.
 *
 * @param file `-` is stdin
 * @throws RunwrightError RW_IO
 */
export async function findSource(file: string): Promise<InputSource> {
  if (file === '-') return { name: 'stdin', size: undefined, open: () => process.stdin };
  const status = await stat(file).catch((error: unknown) => {
    throw ioError(error, file, 'read the input');
  });
  if (status.isDirectory()) {
    throw new RunwrightError('RW_IO', {
      where: file,
      what: 'this is a folder, and a file of inputs is expected',
      hint: 'Name a file of JSON Lines',
    });
  }
  const size = status.isFile() ? status.size : undefined;
  return { name: file, size, open: () => createReadStream(file) };
}
