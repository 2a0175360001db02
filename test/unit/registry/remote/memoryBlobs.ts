import { Readable } from 'node:stream';
import type { Descriptor } from '../../../../src/artifact/Descriptor';
import type { Digest } from '../../../../src/artifact/Digest';
import { digestOf } from '../../../../src/artifact/digestOf';
import type { ReadOptions, RemoteBlobs } from '../../../../src/registry/remote/RemoteBlobs';

/** A registry's blobs, in memory, and what was asked of them. */
export class MemoryBlobs implements RemoteBlobs {
  readonly blobs = new Map<Digest, Buffer>();
  readonly reads: { readonly digest: Digest; readonly offset: number }[] = [];
  /** Most reads that were open at once. */
  most = 0;
  #open = 0;

  /** @param send what a stream brings; by default all that is asked for */
  constructor(
    private readonly send: (bytes: Buffer, call: number, offset: number) => AsyncIterable<Buffer> = whole,
  ) {}

  add(bytes: Buffer): Descriptor {
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType: 'application/octet-stream', digest, size: bytes.length };
  }

  has({ digest }: Descriptor): Promise<boolean> {
    return Promise.resolve(this.blobs.has(digest));
  }

  read({ digest }: Descriptor, { offset = 0, signal }: ReadOptions = {}): Promise<Readable> {
    this.reads.push({ digest, offset });
    this.most = Math.max(this.most, (this.#open += 1));
    const bytes = this.blobs.get(digest) ?? Buffer.alloc(0);
    const stream = Readable.from(this.send(bytes.subarray(offset), this.reads.length, offset), {
      objectMode: false,
      ...(signal && { signal }),
    });
    stream.once('close', () => (this.#open -= 1));
    return Promise.resolve(stream);
  }

  write(): Promise<void> {
    return Promise.reject(new Error('nothing is written here'));
  }
}

async function* whole(bytes: Buffer): AsyncGenerator<Buffer> {
  // Another turn, so that several are under way at once.
  await new Promise((resolve) => setImmediate(resolve));
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
