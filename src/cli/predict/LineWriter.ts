/** Characters that may wait to be written before whoever writes has to wait too. */
const MOST_WAITING = 64 * 1024;

/**
 * Writes at once, and what comes while something is being written together after it: a call of the operating system for
 * each short line would cost more than most predictions.
 */
export class LineWriter {
  readonly #sink: (text: string) => Promise<void>;
  #waiting = '';
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(sink: (text: string) => Promise<void>) {
    this.#sink = sink;
  }

  /** Throws what an earlier write failed with. */
  async write(text: string): Promise<void> {
    if (text === '') return;
    this.#waiting += text;
    this.#writing ??= this.#writeAll();
    if (this.#waiting.length > MOST_WAITING) await this.#writing;
    this.#refuseAfterFailure();
  }

  /** Resolves when all has been taken. */
  async end(): Promise<void> {
    await this.#writing;
    this.#refuseAfterFailure();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const text = this.#waiting;
        this.#waiting = '';
        await this.#sink(text);
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#writing = undefined;
  }

  #refuseAfterFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
