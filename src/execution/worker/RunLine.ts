import { systemClock } from '../../batching/Clock';

/** Milliseconds of runs in a row after which the channel is read before the next one begins. */
const LONG_ROW = 2;

/**
 * Runs that begin one after another: the next one when the one before it has done all that it does at once, and after a long row
 * of them only when the channel has been read. So what has ended is answered first, and a caller who has left meanwhile costs no run.
 *
 * @example
 * const line = new RunLine();
 * line.add(7, () => void run(input));
 * line.remove(7); // false: it has begun
 */
export class RunLine {
  readonly #waiting = new Map<number, () => void>();
  #held = false;
  #rowStart = 0;

  /** @param start begins the run; it must not throw */
  add(id: number, start: () => void): void {
    if (this.#held) {
      this.#waiting.set(id, start);
    } else {
      this.#rowStart = systemClock.now();
      this.#begin(start);
    }
  }

  /** @returns false when there is no such run that has not begun */
  remove(id: number): boolean {
    return this.#waiting.delete(id);
  }

  #begin(start: () => void): void {
    this.#held = true;
    start();
    systemClock.afterWork(this.#onWork);
  }

  readonly #onWork = (): void => {
    if (systemClock.now() - this.#rowStart < LONG_ROW) return this.#next();
    // The channel is read between the ends of two turns.
    systemClock.afterTurn(() => systemClock.afterTurn(this.#nextRow));
  };

  readonly #nextRow = (): void => {
    this.#rowStart = systemClock.now();
    this.#next();
  };

  #next(): void {
    this.#held = false;
    for (const [id, start] of this.#waiting) {
      this.#waiting.delete(id);
      return this.#begin(start);
    }
  }
}
