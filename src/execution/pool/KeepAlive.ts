/** The longest that a timer can be. */
const LONG = 0x7fff_ffff;

/**
 * Keeps the program alive while there is something to wait for, and lets it end otherwise: idle workers are no reason to
 * go on.
 */
export class KeepAlive {
  #holds = 0;
  // One timer for all: to ref and unref it costs less than to make one.
  readonly #timer = setInterval(() => undefined, LONG).unref();

  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#timer.ref();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#timer.unref();
  }

  /** For good: there is nothing more to wait for. */
  end(): void {
    clearInterval(this.#timer);
  }
}
