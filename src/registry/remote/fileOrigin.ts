import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { changedError, isChanged } from '../../artifact/hashFile';
import { ioError } from '../../errors/ioError';
import type { BlobOrigin } from './BlobOrigin';

const CHUNK = 1024 * 1024;

/**
 * A file that was hashed.
 *
 * @param stats how it looked before that: opening it, or reading it to its end, fails with RW_IO when it looks otherwise
 */
export function fileOrigin(path: string, stats: BigIntStats): BlobOrigin {
  return {
    async open(offset) {
      const file = await open(path).catch((error: unknown) => {
        throw ioError(error, path, 'open the file');
      });
      try {
        await requireUnchanged(file, path, stats);
      } catch (error) {
        await file.close();
        throw error;
      }
      return Readable.from(readUnchanged(file, path, stats, offset), { objectMode: false });
    },
  };
}

async function* readUnchanged(
  file: FileHandle,
  path: string,
  stats: BigIntStats,
  offset: number,
): AsyncGenerator<Buffer> {
  try {
    let position = offset;
    for await (const chunk of file.createReadStream({
      start: offset,
      highWaterMark: CHUNK,
      autoClose: false,
    })) {
      position += (chunk as Buffer).length;
      // Before its last bytes are out: whoever has got as many as the file had has the right ones.
      if (position >= stats.size) await requireUnchanged(file, path, stats);
      yield chunk as Buffer;
    }
    await requireUnchanged(file, path, stats);
  } catch (error) {
    throw ioError(error, path, 'read the file');
  } finally {
    await file.close();
  }
}

async function requireUnchanged(file: FileHandle, path: string, stats: BigIntStats): Promise<void> {
  if (isChanged(stats, await file.stat({ bigint: true }))) throw changedError(path);
}
