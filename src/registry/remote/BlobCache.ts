import { randomInt } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from '../../artifact/cacheDirectory';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { hashFile, isChanged } from '../../artifact/hashFile';
import { LayoutBlobSource } from '../../artifact/LayoutBlobSource';
import { makeFolder } from '../../artifact/makeFolder';
import { blobPath, OCI_LAYOUT } from '../../artifact/ociLayout';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { refuseAborted } from '../../errors/refuseAborted';
import type { PartialBlob } from './PartialBlob';
import { PartialBlobs } from './PartialBlobs';

/** Milliseconds. */
const LOOK_AGAIN = 100;

/**
 * Blobs of remote registries that were fetched to this machine, by digest: `blobs/sha256/<hex>` in the cache folder. Any number
 * of processes may use it at once, and everything in it may be deleted at any time. What has a blob's name is whole, and
 * read-only, as opened packages link to it.
 */
export class BlobCache {
  /** How a blob looked when its bytes were last known to be right. */
  readonly #intact = new Map<Digest, BigIntStats>();
  readonly #layout: LayoutBlobSource;
  readonly #partials: PartialBlobs;

  /** @param directory absolute path of the cache folder; it need not exist */
  constructor(readonly directory: string) {
    this.#layout = new LayoutBlobSource(directory);
    this.#partials = new PartialBlobs(join(directory, 'blobs', 'partial'));
  }

  /** The cache of `$RUNWRIGHT_CACHE`, else `~/.runwright/cache`. @throws RunwrightError RW_OPTION_INVALID (no home) */
  static open(environment: NodeJS.ProcessEnv = process.env): BlobCache {
    return new BlobCache(cacheDirectory(undefined, environment));
  }

  /** Where the blob is, when it is there. */
  path(digest: Digest): string {
    return blobPath(this.directory, digest);
  }

  /**
   * Whether the blob is there with the right bytes. They are read once, and again when the file looks otherwise: so a damaged
   * one counts as missing, and is replaced.
   *
   * @throws RunwrightError RW_ABORTED, RW_IO
   */
  async has({ digest, size }: Descriptor, signal?: AbortSignal): Promise<boolean> {
    const path = this.path(digest);
    try {
      const stats = await stat(path, { bigint: true });
      const known = this.#intact.get(digest);
      if (known?.ino === stats.ino && !isChanged(known, stats)) return true;
      if (stats.size !== BigInt(size) || (await hashFile(path, { signal })).digest !== digest) return false;
      this.#intact.set(digest, stats);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw ioError(error, path, 'read the blob');
    }
  }

  /** @throws RunwrightError RW_PACKAGE_CORRUPT (it is not there), RW_IO */
  stream(descriptor: Descriptor): Promise<Readable> {
    return this.#layout.stream(descriptor);
  }

  /**
   * A small blob whole, such as a manifest; `undefined` when it is not there, is damaged, or has more than `limit` bytes.
   *
   * @throws RunwrightError RW_IO
   */
  async readBytes(digest: Digest, limit: number): Promise<Buffer | undefined> {
    const path = this.path(digest);
    try {
      if ((await stat(path)).size > limit) return undefined;
      const bytes = await readFile(path);
      return digestOf(bytes) === digest ? bytes : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw ioError(error, path, 'read the blob');
    }
  }

  /** Puts a small blob in, such as a manifest. @throws RunwrightError RW_IO */
  async writeBytes(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    if ((await this.readBytes(digest, bytes.byteLength)) !== undefined) return digest;
    const descriptor: Descriptor = { mediaType: '', digest, size: bytes.byteLength };
    await this.#makeFolder();
    await this.#fill(await this.#partials.create(descriptor), (partial) =>
      partial.append(chunksOf(bytes), () => undefined),
    );
    return digest;
  }

  /**
   * Puts a blob in, unless it is there. While another process of this machine is at it, its end is waited for.
   *
   * @param download appends what is missing; what it leaves behind when it fails is there for the next one
   * @throws RunwrightError RW_ABORTED, RW_IO; and what `download` throws
   */
  async add(
    descriptor: Descriptor,
    download: (partial: PartialBlob) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    const watch = this.#partials.watch(descriptor);
    for (;;) {
      if (await this.has(descriptor, signal)) return;
      await this.#makeFolder();
      const claimed = await watch.claim();
      if (claimed !== undefined) {
        // Somebody may have finished it between the two looks.
        if (!(await this.has(descriptor, signal))) return this.#fill(claimed, download);
        return claimed.discard();
      }
      await sleep(randomInt(LOOK_AGAIN / 2, LOOK_AGAIN), undefined, { signal }).catch(() => undefined);
      refuseAborted(signal, descriptor.digest);
    }
  }

  async #fill(partial: PartialBlob, work: (partial: PartialBlob) => Promise<void>): Promise<void> {
    const { digest } = partial.descriptor;
    const path = this.path(digest);
    try {
      await work(partial);
      await partial.finish(path);
    } catch (error) {
      await this.#partials.leave(partial, error);
      throw error;
    }
    // It was hashed as it came.
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    if (stats !== undefined) this.#intact.set(digest, stats);
  }

  async #makeFolder(): Promise<void> {
    const folder = join(this.directory, OCI_LAYOUT.blobsFolder);
    await makeFolder(folder).catch((error: unknown) => {
      throw ioError(error, folder, 'make the folder of the cache');
    });
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one chunk
async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Buffer> {
  yield Buffer.from(bytes);
}
