/** Items that a worker may send before the first of them has been taken. */
export const FIRST_CREDIT = 16;

const CREDIT_STEP = FIRST_CREDIT / 2;

/** The items of a streamed answer, in this process. The worker stops when too many of them wait to be taken. */
export class ItemStream implements AsyncIterableIterator<Uint8Array, undefined> {
  #items: Uint8Array[] = [];
  #taken = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param grant lets the worker send so many more
   * @param onLeave the consumer wants no more
   */
  constructor(
    private readonly grant: (items: number) => void,
    private readonly onLeave: () => void,
  ) {}

  push(item: Uint8Array): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** What was sent before is still given. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: Error): void {
    if (this.#ended) return;
    this.#error = error;
    this.end();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#items.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const value = this.#items.shift();
    if (value === undefined) {
      const error = this.#error;
      this.#error = undefined;
      if (error) throw error;
      return { done: true, value: undefined };
    }
    this.#taken += 1;
    if (this.#taken === CREDIT_STEP) {
      this.#taken = 0;
      if (!this.#ended) this.grant(CREDIT_STEP);
    }
    return { done: false, value };
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const open = !this.#ended;
    this.#items = [];
    this.#error = undefined;
    this.end();
    if (open) this.onLeave();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
