import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ioError } from '../errors/ioError';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import type { BlobInfo, PutOptions } from './BlobSink';

/** Bytes. Two buffers of this size give the speed of one large read without holding the file. */
const CHUNK = 2 * 1024 * 1024;

export interface HashFileOptions extends PutOptions {
  /** Gets the file's bytes, in order, while they are hashed. A chunk is valid until the promise settles. */
  readonly consume?: ((chunk: Buffer) => Promise<void>) | undefined;
}

/**
 * Reads a file once: the digest and the size are of what was really read.
 *
 * @throws RunwrightError RW_IO (unreadable, not a regular file, changed while it was read), RW_ABORTED
 */
export async function hashFile(path: string, options: HashFileOptions = {}): Promise<BlobInfo> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK a named pipe would block a thread of the pool for good.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw ioError(error, path, 'open the file');
  }
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) {
      throw new RunwrightError('RW_IO', {
        where: path,
        what: 'it is not a regular file',
        hint: 'Name a file',
      });
    }
    const info = await hashChunks(file, path, Number(before.size), options);
    if (isChanged(before, await file.stat({ bigint: true })) || BigInt(info.size) !== before.size) {
      throw changedError(path);
    }
    return info;
  } catch (error) {
    throw ioError(error, path, 'read the file');
  } finally {
    await file.close();
  }
}

/** Whether a file was written to between two looks at it. */
export function isChanged(before: BigIntStats, after: BigIntStats): boolean {
  return before.size !== after.size || before.mtimeNs !== after.mtimeNs;
}

export function changedError(path: string): RunwrightError {
  return new RunwrightError('RW_IO', {
    where: path,
    what: 'the file changed while it was being read',
    hint: 'Wait until whatever writes it has finished, then try again',
  });
}

async function hashChunks(
  file: FileHandle,
  path: string,
  size: number,
  options: HashFileOptions,
): Promise<BlobInfo> {
  const { signal, onBytes, consume } = options;
  const length = Math.min(CHUNK, Math.max(size, 1));
  const hash = createHash('sha256');
  let current = Buffer.allocUnsafeSlow(length);
  let next = Buffer.allocUnsafeSlow(length);
  let total = 0;
  let { bytesRead } = await file.read(current, 0, length);
  refuseAborted(signal, path);
  while (bytesRead > 0) {
    const chunk = current.subarray(0, bytesRead);
    // The thread pool reads the next chunk and writes this one while this thread hashes.
    const reading = file.read(next, 0, length);
    const consuming = consume?.(chunk);
    hash.update(chunk);
    const [read] = await Promise.all([reading, consuming]);
    total += chunk.length;
    // A file that is being appended to may never end.
    if (total > size) throw changedError(path);
    onBytes?.(chunk.length);
    refuseAborted(signal, path);
    bytesRead = read.bytesRead;
    [current, next] = [next, current];
  }
  return { digest: `sha256:${hash.digest('hex')}`, size: total };
}
