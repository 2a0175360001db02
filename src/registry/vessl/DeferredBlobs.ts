import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { PutOptions } from '../../artifact/BlobSink';
import type { BlobSource } from '../../artifact/BlobSource';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { refuseAborted } from '../../errors/refuseAborted';
import type { BlobCache } from '../remote/BlobCache';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { CachedBlobs } from '../remote/CachedBlobs';
import type { RemoteBlobs } from '../remote/RemoteBlobs';
import type { PlacedBlobs } from './PlacedBlobs';

/** A blob that waits to be sent. */
export interface DeferredBlob {
  readonly size: number;
  readonly origin: BlobOrigin;
  readonly options: PutOptions;
}

/**
 * Takes note of blobs and sends nothing: where they go on a volume is only known from the manifest. What comes out of another
 * registry is verified at once, so that nothing is begun for a package that is damaged there.
 */
export class DeferredBlobs implements RemoteBlobs {
  readonly #blobs = new Map<Digest, DeferredBlob>();

  /**
   * @param repository the blobs that the repository has already
   * @param cache keeps what comes from afar until it is sent
   */
  constructor(
    private readonly repository: PlacedBlobs,
    private readonly cache: () => BlobCache,
  ) {}

  /** For messages: the repository. */
  get where(): string {
    return this.repository.where;
  }

  get(digest: Digest): DeferredBlob | undefined {
    return this.#blobs.get(digest);
  }

  /** Where to get a blob that the repository has already. */
  async stored(descriptor: Descriptor): Promise<BlobOrigin | undefined> {
    return (await this.repository.knows(descriptor)) ? this.#fetched(this.repository, descriptor) : undefined;
  }

  has(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async write(descriptor: Descriptor, origin: BlobOrigin, options: PutOptions = {}): Promise<void> {
    const { digest, size } = descriptor;
    if (origin.source === undefined) {
      this.#blobs.set(digest, { size, origin, options });
      return;
    }
    const taken = await this.#take(descriptor, origin, origin.source, options);
    this.#blobs.set(digest, { size, origin: taken, options: { signal: options.signal } });
  }

  read(descriptor: Descriptor): Promise<Readable> {
    const waiting = this.#blobs.get(descriptor.digest);
    if (waiting !== undefined) return waiting.origin.open(0);
    return Promise.reject(corruptBlob(this.where, descriptor, 'it was not put in'));
  }

  /** @returns where its bytes come from when they are sent */
  async #take(
    descriptor: Descriptor,
    origin: BlobOrigin,
    source: BlobSource,
    options: PutOptions,
  ): Promise<BlobOrigin> {
    const { signal, onBytes } = options;
    const stored = await this.stored(descriptor);
    if (stored !== undefined) {
      onBytes?.(descriptor.size);
      return stored;
    }
    if (source.localPath(descriptor) !== undefined) {
      for await (const chunk of verifiedChunks(await origin.open(0), descriptor, this.where)) {
        refuseAborted(signal, this.where);
        onBytes?.(chunk.length);
      }
      return origin;
    }
    const remote: RemoteBlobs = {
      has: () => Promise.resolve(true),
      read: (_descriptor, { offset = 0 } = {}) => origin.open(offset),
      write: () => Promise.resolve(),
    };
    const fetched = this.#fetched(remote, descriptor);
    await fetched.fetch(options);
    return fetched;
  }

  /** By way of the cache, so that it goes on where it broke off. */
  #fetched(remote: RemoteBlobs, descriptor: Descriptor) {
    const cache = this.cache();
    const blobs = new CachedBlobs(remote, cache, this.where);
    const fetch = (options?: PutOptions): Promise<void> => blobs.fetch([descriptor], options);
    const open = async (offset: number): Promise<Readable> => {
      await fetch();
      return createReadStream(cache.path(descriptor.digest), { start: offset, highWaterMark: 1024 * 1024 });
    };
    return { open, fetch };
  }
}
