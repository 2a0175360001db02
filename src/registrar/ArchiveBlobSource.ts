import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { BlobSource } from '../artifact/BlobSource';
import { corruptBlob } from '../artifact/corruptBlob';
import type { Descriptor } from '../artifact/Descriptor';
import { blobPath } from '../artifact/ociLayout';
import type { TarEntry } from '../packer/archive/listTarEntries';

const CHUNK = 1024 * 1024;

/** The blobs of an OCI archive, read where they lie in the tar. */
export class ArchiveBlobSource implements BlobSource {
  readonly #file: string;
  readonly #entries: ReadonlyMap<string, TarEntry>;

  constructor(file: string, entries: readonly TarEntry[]) {
    this.#file = file;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** @throws RunwrightError RW_PACKAGE_CORRUPT (the blob is missing) */
  stream(descriptor: Descriptor): Promise<Readable> {
    const entry = this.#entries.get(blobPath('', descriptor.digest));
    if (entry === undefined) return Promise.reject(corruptBlob(this.#file, descriptor, 'it is missing'));
    const { offset: start, size } = entry;
    // An empty range cannot be said to a file stream.
    if (size === 0) return Promise.resolve(Readable.from([]));
    return Promise.resolve(
      createReadStream(this.#file, { start, end: start + size - 1, highWaterMark: CHUNK }),
    );
  }

  localPath(): undefined {
    return undefined;
  }
}
