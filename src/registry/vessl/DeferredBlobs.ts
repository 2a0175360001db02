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
import { readPlaced } from './readPlaced';
import type { BlobPlace } from './VesslModels';

/** A blob that waits to be sent. */
export interface DeferredBlob {
  readonly size: number;
  readonly origin: BlobOrigin;
  readonly options: PutOptions;
}

export interface DeferredBlobsOptions {
  /** For messages: the repository. */
  readonly where: string;
  /** Blobs of another registry are kept here until they are sent. */
  readonly cache: () => BlobCache;
  /** Where the blobs lie that the repository has already. */
  readonly places: () => Promise<ReadonlyMap<string, BlobPlace>>;
}

/**
 * Takes note of blobs and sends nothing: where they go on a volume is only known from the manifest. What comes out of another
 * registry is verified at once, so that nothing is begun for a package that is damaged there.
 */
export class DeferredBlobs implements RemoteBlobs {
  readonly #blobs = new Map<Digest, DeferredBlob>();
  #places: Promise<ReadonlyMap<string, BlobPlace>> | undefined;

  constructor(private readonly options: DeferredBlobsOptions) {}

  get(digest: Digest): DeferredBlob | undefined {
    return this.#blobs.get(digest);
  }

  /** Where the repository has a blob. */
  async place(digest: Digest): Promise<BlobPlace | undefined> {
    this.#places ??= this.options.places();
    return (await this.#places).get(digest);
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
    return Promise.reject(corruptBlob(this.options.where, descriptor, 'it was not put in'));
  }

  /** @returns where its bytes come from when they are sent */
  async #take(
    descriptor: Descriptor,
    origin: BlobOrigin,
    source: BlobSource,
    { signal, onBytes }: PutOptions,
  ): Promise<BlobOrigin> {
    const { where, cache } = this.options;
    const place = await this.place(descriptor.digest);
    if (place !== undefined) {
      onBytes?.(descriptor.size);
      return { open: (offset) => readPlaced(place, descriptor, { offset }) };
    }
    if (source.localPath(descriptor) !== undefined) {
      for await (const chunk of verifiedChunks(await origin.open(0), descriptor, where)) {
        refuseAborted(signal, where);
        onBytes?.(chunk.length);
      }
      return origin;
    }
    const remote: RemoteBlobs = {
      has: () => Promise.resolve(true),
      read: (_descriptor, { offset = 0 } = {}) => origin.open(offset),
      write: () => Promise.resolve(),
    };
    const kept = new CachedBlobs(remote, cache(), where);
    await kept.fetch([descriptor], { signal, onBytes });
    return { open: () => kept.stream(descriptor) };
  }
}
