import { Readable } from 'node:stream';
import { StallTimer } from './StallTimer';

export interface ResponseBodyOptions {
  /** Milliseconds for the next bytes. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly stalled: (limit: number) => Error;
  readonly broken: (cause: unknown) => Error;
  readonly aborted: () => Error;
}

/** An answer's bytes as they come. Time counts only while somebody waits for them. */
export class ResponseBody extends Readable {
  readonly #timer: StallTimer;
  readonly #abort = () => this.destroy(this.options.aborted());

  constructor(
    private readonly source: Readable,
    private readonly options: ResponseBodyOptions,
  ) {
    super();
    this.#timer = new StallTimer((limit) => this.destroy(options.stalled(limit)));
    source.pause();
    source.on('data', (chunk: Buffer) => {
      if (this.push(chunk)) return this.#timer.step();
      this.#timer.stop();
      source.pause();
    });
    source.once('end', () => {
      this.#timer.stop();
      this.push(null);
    });
    // Not once: what is left of the connection may fail again, and nobody else listens.
    source.on('error', (error) => this.destroy(options.broken(error)));
    options.signal?.addEventListener('abort', this.#abort);
  }

  override _read(): void {
    this.#timer.start(this.options.limit);
    this.source.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#timer.stop();
    this.options.signal?.removeEventListener('abort', this.#abort);
    if (!this.source.readableEnded) this.source.destroy();
    callback(error);
  }
}
