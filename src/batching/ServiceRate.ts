// Milliseconds of work after which a measurement counts for a third.
const MEMORY = 5_000;

/** How many items a second are answered while there is work: a moving average over the time spent busy. */
export class ServiceRate {
  private answered = 0;
  private busy = 0;
  private mark = 0;

  /** Work begins after idleness. */
  begin(now: number): void {
    this.mark = now;
  }

  /** `count` items were answered since the last call of this or of `begin`. */
  note(count: number, now: number): void {
    const passed = now - this.mark;
    const kept = Math.exp(-passed / MEMORY);
    this.answered = this.answered * kept + count;
    this.busy = this.busy * kept + passed;
    this.mark = now;
  }

  /** Seconds that `count` items take; 0 while nothing was measured. */
  secondsFor(count: number): number {
    return this.answered === 0 ? 0 : (count * this.busy) / this.answered / 1_000;
  }
}
