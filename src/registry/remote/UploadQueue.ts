/** Work that goes on in the background, so much of it at once. The first failure calls off what has not begun. */
export class UploadQueue {
  readonly #waiting: (() => void)[] = [];
  readonly #all = new Set<Promise<void>>();
  #running = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(private readonly limit: number) {}

  /** The promise may be left alone: `done` tells of its failure too. */
  add(work: () => Promise<void>): Promise<void> {
    const result = this.#run(work);
    this.#all.add(result);
    result.then(
      () => this.#all.delete(result),
      () => this.#all.delete(result),
    );
    return result;
  }

  /** Resolves when everything has been done; rejects with the first failure, once nothing is at work any more. */
  async done(): Promise<void> {
    while (this.#all.size > 0) await Promise.allSettled(this.#all);
    if (this.#failure) throw this.#failure.error;
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.#running < this.limit) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (this.#failure) throw this.#failure.error;
      await work();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    } finally {
      // The next one takes this one's place: nobody who comes meanwhile can.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
