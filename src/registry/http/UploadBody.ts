import { Readable } from 'node:stream';
import { RunwrightError } from '../../errors/RunwrightError';

/** A step forward of an upload is that one of these has left. */
const SLICE = 128 * 1024;

/**
 * A body on its way out: exactly so many bytes, in slices, which can be held back.
 *
 * It fails with RW_IO when its source is shorter or longer than was said, and with what its source fails with.
 */
export class UploadBody extends Readable {
  #left: number;
  #held = false;
  #wanted = false;

  constructor(
    private readonly source: Readable,
    private readonly size: number,
    private readonly where: string,
  ) {
    super({ highWaterMark: SLICE });
    this.#left = size;
    source.pause();
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.once('end', () => (this.#left === 0 ? this.push(null) : this.#refuse()));
    source.once('error', (error) => this.destroy(error));
    source.once('close', () => {
      if (!source.readableEnded && !source.errored) this.#refuse();
    });
  }

  /** Whether all of it has been taken. */
  get taken(): boolean {
    return this.#left === 0 && this.readableLength === 0;
  }

  hold(): void {
    this.#held = true;
    this.source.pause();
  }

  release(): void {
    this.#held = false;
    if (this.#wanted) this.source.resume();
  }

  override _read(): void {
    this.#wanted = true;
    if (!this.#held) this.source.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.source.destroy();
    callback(error);
  }

  #take(chunk: Buffer): void {
    this.#left -= chunk.length;
    if (this.#left < 0) return this.#refuse();
    for (let start = 0; start < chunk.length; start += SLICE) {
      this.#wanted = this.push(chunk.subarray(start, start + SLICE));
    }
    if (!this.#wanted) this.source.pause();
  }

  #refuse(): void {
    if (this.destroyed) return;
    this.destroy(
      new RunwrightError('RW_IO', {
        where: this.where,
        what: `what is sent is ${this.#left < 0 ? 'longer' : 'shorter'} than the ${this.size} bytes that it was to have`,
        hint: 'Something changed it meanwhile: run it again when nothing writes to it any more',
      }),
    );
  }
}
