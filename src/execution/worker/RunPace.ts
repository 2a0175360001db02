import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** Milliseconds of the event loop that a run takes when it counts as one that blocks; shorter ones may as well wait here. */
const LONG_RUN = 5;
/** Share of the time in which the event loop was at work: less, and runs wait for something else. */
const BUSY = 0.8;
/** Milliseconds after which runs that have not ended are judged. */
const LOOK_AFTER = 10;
/** Runs between two judgements while there is no pause. */
const RUNS = 8;

/** Finds out whether the runs of this thread keep its event loop from everything else. */
export class RunPace {
  #running = 0;
  #done = 0;
  #since: EventLoopUtilization | undefined;
  #look: NodeJS.Timeout | undefined;
  /** Until a run has shown something else. */
  #blocks = true;

  /** @param onChange gets whether runs block; it is true before it is first called */
  constructor(private readonly onChange: (blocks: boolean) => void) {}

  begin(): void {
    this.#running += 1;
    if (this.#running > 1) return;
    this.#since = performance.eventLoopUtilization();
    this.#lookLater();
  }

  end(): void {
    this.#running -= 1;
    this.#done += 1;
    if (this.#running === 0 || this.#done >= RUNS) this.#judge();
  }

  /** Instead of `end`, of one that has not run after all. */
  skip(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    if (this.#done > 0) this.#judge();
    else clearTimeout(this.#look);
  }

  #judge(): void {
    clearTimeout(this.#look);
    const now = performance.eventLoopUtilization();
    const { active, utilization } = performance.eventLoopUtilization(now, this.#since);
    const blocks = utilization >= BUSY && active / Math.max(1, this.#done) >= LONG_RUN;
    this.#done = 0;
    this.#since = now;
    if (blocks !== this.#blocks) {
      this.#blocks = blocks;
      this.onChange(blocks);
    }
    if (this.#running > 0) this.#lookLater();
  }

  /** Others wait for runs that are thought to block, and those may last; while they do block, it fires when they have ended. */
  #lookLater(): void {
    if (this.#blocks) this.#look = setTimeout(() => this.#judge(), LOOK_AFTER).unref();
  }
}
