import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { BlobSource, FetchOptions } from '../../artifact/BlobSource';
import type { Descriptor } from '../../artifact/Descriptor';
import type { Digest } from '../../artifact/Digest';
import { refuseAborted } from '../../errors/refuseAborted';
import { runAll } from '../../lifecycle/runAll';
import type { BlobCache } from './BlobCache';
import { downloadBlob } from './downloadBlob';
import { readOn } from './readOn';
import type { RemoteBlobs } from './RemoteBlobs';

/** Blobs that are fetched at once. */
const CONCURRENCY = 8;

/** The blobs of a remote repository, by way of this machine's cache. What is in the cache is not asked for again. */
export class CachedBlobs implements BlobSource {
  readonly #here = new Set<Digest>();

  /** @param where for messages: the registry or the repository */
  constructor(
    readonly remote: RemoteBlobs,
    readonly cache: BlobCache,
    private readonly where: string = 'the registry',
  ) {}

  /** @throws RunwrightError as `fetch` does */
  async stream(descriptor: Descriptor): Promise<Readable> {
    await this.fetch([descriptor]);
    return this.cache.stream(descriptor);
  }

  /**
   * The bytes from `offset` on, for one who passes them on: out of the cache when the blob is there, else straight from the
   * registry, of which nothing is kept.
   */
  async open(descriptor: Descriptor, offset: number, signal?: AbortSignal): Promise<Readable> {
    const { digest } = descriptor;
    if (await this.cache.has(descriptor, signal))
      return createReadStream(this.cache.path(digest), { start: offset });
    const chunks = readOn(this.remote, descriptor, this.where, { offset, signal });
    return Readable.from(chunks, { objectMode: false });
  }

  localPath({ digest }: Descriptor): string | undefined {
    return this.#here.has(digest) ? this.cache.path(digest) : undefined;
  }

  /**
   * After a failure what was fetched so far stays: the next call goes on from there, also in another process.
   *
   * @throws RunwrightError RW_PACKAGE_CORRUPT (wrong bytes, or the registry has no such blob), RW_REGISTRY_UNAVAILABLE,
   *   RW_REGISTRY_DENIED, RW_ABORTED, RW_IO
   */
  async fetch(descriptors: readonly Descriptor[], { signal, onBytes }: FetchOptions = {}): Promise<void> {
    const distinct = new Map<Digest, Descriptor>();
    for (const descriptor of descriptors) {
      if (distinct.has(descriptor.digest)) onBytes?.(descriptor.size);
      else distinct.set(descriptor.digest, descriptor);
    }
    await runAll([...distinct.values()], CONCURRENCY, signal, (descriptor, stopped) =>
      this.#fetchOne(descriptor, stopped, onBytes),
    );
    refuseAborted(signal, this.where);
  }

  async #fetchOne(
    descriptor: Descriptor,
    signal: AbortSignal,
    onBytes: FetchOptions['onBytes'],
  ): Promise<void> {
    let told = 0;
    const onSize = (size: number): void => {
      if (size <= told) return;
      onBytes?.(size - told);
      told = size;
    };
    await this.cache.add(
      descriptor,
      (partial) => downloadBlob(this.remote, partial, this.where, { signal, onSize }),
      signal,
    );
    onSize(descriptor.size);
    this.#here.add(descriptor.digest);
  }
}
