/** Calls back when a phase takes too long. Each step forward starts the time again. */
export class StallTimer {
  #timer: NodeJS.Timeout | undefined;
  #steps = 0;

  /** @param stalled told the limit that was reached, once */
  constructor(private readonly stalled: (limit: number) => void) {}

  /** @param limit milliseconds */
  start(limit: number): void {
    this.stop();
    this.#timer = setTimeout(() => {
      const steps = this.#steps;
      // A process that was busy or asleep finds its timers due before it has looked at its sockets: they come first.
      setImmediate(() => {
        if (steps === this.#steps) this.stalled(limit);
      });
    }, limit);
  }

  step(): void {
    this.#steps += 1;
    this.#timer?.refresh();
  }

  stop(): void {
    this.#steps += 1;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
