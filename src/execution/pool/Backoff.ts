const FIRST = 100;
const LONGEST = 30_000;
/** Milliseconds of work after which a worker counts as healthy again. */
const HEALTHY = 10_000;

/** How long a worker that ended waits before it is started again: 100 ms, doubling to 30 s while it does not stay up. */
export class Backoff {
  #next = FIRST;

  /** @param uptime milliseconds that it was ready for; 0 when it never was */
  delayAfter(uptime: number): number {
    const delay = uptime >= HEALTHY ? FIRST : this.#next;
    this.#next = Math.min(delay * 2, LONGEST);
    return delay;
  }
}
