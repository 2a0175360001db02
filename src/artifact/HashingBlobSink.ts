import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { RunwrightError } from '../errors/RunwrightError';
import type { BlobInfo, BlobSink, PutOptions } from './BlobSink';
import type { BlobSource } from './BlobSource';
import type { Descriptor } from './Descriptor';
import type { Digest } from './Digest';
import { digestOf } from './digestOf';
import { changedError, hashFile, isChanged } from './hashFile';
import { ioError } from '../errors/ioError';

/** A file and how it looked when it was hashed. */
interface HashedFile {
  readonly path: string;
  readonly stats: BigIntStats;
}

/**
 * Hashes blobs and copies nothing: it remembers where the bytes are and gives them out again.
 *
 * @example
 * const sink = new HashingBlobSink();
 * const { digest, size } = await sink.putFile('weights.bin');
 * const bytes = await sink.stream({ mediaType: MEDIA_TYPES.weight, digest, size });
 */
export class HashingBlobSink implements BlobSink, BlobSource {
  readonly #blobs = new Map<Digest, HashedFile | Buffer>();

  /** @throws RunwrightError RW_IO, RW_ABORTED */
  async putFile(path: string, options: PutOptions = {}): Promise<BlobInfo> {
    const absolute = resolve(path);
    const stats = await stat(absolute, { bigint: true }).catch((error: unknown) => {
      throw ioError(error, absolute, 'find the file');
    });
    const info = await hashFile(absolute, options);
    if (!this.#blobs.has(info.digest)) this.#blobs.set(info.digest, { path: absolute, stats });
    return info;
  }

  putBytes(bytes: Uint8Array): Promise<BlobInfo> {
    const digest = digestOf(bytes);
    if (!this.#blobs.has(digest)) this.#blobs.set(digest, Buffer.from(bytes));
    return Promise.resolve({ digest, size: bytes.byteLength });
  }

  /** The stream fails with RW_IO when the file is no longer what was hashed. */
  stream(descriptor: Descriptor): Promise<Readable> {
    const blob = this.#blobs.get(descriptor.digest);
    if (blob === undefined) {
      return Promise.reject(
        new RunwrightError('RW_PACKAGE_INVALID', {
          where: descriptor.digest,
          what: 'a blob that the package names was never put in',
          hint: 'Put the blob in before the manifest that names it',
        }),
      );
    }
    const chunks = Buffer.isBuffer(blob) ? [blob] : readUnchanged(blob);
    return Promise.resolve(Readable.from(chunks, { objectMode: false }));
  }

  localPath(descriptor: Descriptor): string | undefined {
    const blob = this.#blobs.get(descriptor.digest);
    return blob === undefined || Buffer.isBuffer(blob) ? undefined : blob.path;
  }
}

async function* readUnchanged({ path, stats }: HashedFile): AsyncGenerator<Buffer> {
  try {
    const file = await open(path);
    try {
      if (isChanged(stats, await file.stat({ bigint: true }))) throw changedError(path);
      let total = 0;
      for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
        const bytes = chunk as Buffer;
        total += bytes.length;
        if (total > stats.size) throw changedError(path);
        yield bytes;
      }
      if (isChanged(stats, await file.stat({ bigint: true }))) throw changedError(path);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw ioError(error, path, 'read the file');
  }
}
