import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import type { Descriptor } from '../../artifact/Descriptor';
import { ioError } from '../../errors/ioError';

/** Bytes that are gathered before they are written: chunks of the network are small. */
const BATCH = 1024 * 1024;

const READ_ONLY = 0o444;

/**
 * A blob on its way into the cache: a file that grows, and the hash of what is in it. It belongs to one process, whose owner
 * id is in its name.
 */
export class PartialBlob {
  #hash: Hash = createHash('sha256');
  #size = 0;
  #isTooLong = false;

  private constructor(
    readonly path: string,
    readonly descriptor: Descriptor,
    private readonly file: FileHandle,
  ) {}

  /** Goes on with the file that stands at `path`, whose bytes are hashed again, or begins one. @throws RunwrightError RW_IO */
  static async open(path: string, descriptor: Descriptor): Promise<PartialBlob> {
    try {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
      const partial = new PartialBlob(path, descriptor, file);
      await partial.#readBack().catch(async (error: unknown) => {
        await partial.file.close();
        throw error;
      });
      return partial;
    } catch (error) {
      throw ioError(error, path, 'write the file');
    }
  }

  /** Bytes that it has so far. */
  get size(): number {
    return this.#size;
  }

  /** What is wrong with it when it should be whole. */
  get fault(): string | undefined {
    const { digest, size } = this.descriptor;
    if (this.#isTooLong) return `it has more bytes than ${size}`;
    if (this.#size !== size) return `it has ${this.#size} bytes, not ${size}`;
    if (`sha256:${this.#hash.copy().digest('hex')}` !== digest) return 'its bytes have another sha256';
    return undefined;
  }

  /**
   * Takes what a stream brings, up to one that brings too much. When the stream breaks, what it has brought stays.
   *
   * @param onSize called with the size as it grows
   * @throws RunwrightError RW_IO; and what the stream throws
   */
  async append(stream: AsyncIterable<unknown>, onSize: (size: number) => void): Promise<void> {
    let batch: Buffer[] = [];
    let batched = 0;
    let writing: Promise<void> = Promise.resolve();
    const flush = async (): Promise<void> => {
      const [chunks, position] = [batch, this.#size - batched];
      [batch, batched] = [[], 0];
      await writing;
      writing = this.#write(chunks, position);
      // It is waited for later, and may have failed by then.
      writing.catch(() => undefined);
    };
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#isTooLong = this.#size + chunk.length > this.descriptor.size;
        if (this.#isTooLong) break;
        this.#hash.update(chunk);
        this.#size += chunk.length;
        batch.push(chunk);
        batched += chunk.length;
        onSize(this.#size);
        if (batched >= BATCH) await flush();
      }
    } finally {
      await flush();
      await writing;
    }
  }

  /** Forgets everything it has. @throws RunwrightError RW_IO */
  async restart(): Promise<void> {
    await this.file.truncate(0).catch((error: unknown) => {
      throw ioError(error, this.path, 'write the file');
    });
    this.#hash = createHash('sha256');
    this.#size = 0;
    this.#isTooLong = false;
  }

  /**
   * Gives the finished blob its name; a damaged one that has it is replaced. It is not forced to the disk: after a power cut
   * it is seen to be damaged when it is used, and is fetched again.
   *
   * @throws RunwrightError RW_IO
   */
  async finish(path: string): Promise<void> {
    try {
      await this.file.chmod(READ_ONLY);
      await this.file.close();
      await rename(this.path, path);
    } catch (error) {
      throw ioError(error, path, 'put the blob into the cache');
    }
  }

  /** Leaves it to whoever wants to go on with it, under a name without an owner. */
  async release(path: string): Promise<void> {
    if (this.#size === 0) return this.discard();
    await this.file.close();
    await rename(this.path, path).catch(() => undefined);
  }

  async discard(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await unlink(this.path).catch(() => undefined);
  }

  async #write(chunks: readonly Buffer[], position: number): Promise<void> {
    try {
      let left = chunks;
      let at = position;
      while (left.length > 0) {
        const { bytesWritten } = await this.file.writev(left, at);
        at += bytesWritten;
        left = unwritten(left, bytesWritten);
      }
    } catch (error) {
      throw ioError(error, this.path, 'write the file');
    }
  }

  async #readBack(): Promise<void> {
    const { size } = await this.file.stat();
    if (size > this.descriptor.size) return this.restart();
    const buffer = Buffer.allocUnsafe(Math.min(BATCH, size));
    while (this.#size < size) {
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, this.#size);
      if (bytesRead === 0) break;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#size += bytesRead;
    }
  }
}

/** What is left of some chunks when their first `count` bytes are written. */
function unwritten(chunks: readonly Buffer[], count: number): Buffer[] {
  let left = count;
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    return skipped < chunk.length ? [chunk.subarray(skipped)] : [];
  });
}
