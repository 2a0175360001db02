import type { WorkerCall } from './WorkerCall';

/** Graces that a run gets which nobody waits for, where no deadline has passed. */
const LEFT_GRACES = 30;
const LEAST_LEFT_GRACE = 1_000;

export interface WatchedRuns {
  /** All that the worker is at work for, in the order in which it was given. */
  readonly calls: () => Iterable<WorkerCall>;
  /** Whether the worker may still be inside a run that it was given before this one, and that somebody waits for. */
  readonly isHeldUp: (call: WorkerCall) => boolean;
  /** Whether the worker should be given more has changed. */
  readonly onChange: () => void;
  /** The worker should be ended. */
  readonly onOverrun: (reason: string) => void;
}

/** A run that nobody waits for any more. */
interface LeftRun {
  readonly call: WorkerCall;
  /** True when the grace alone is left of its time. */
  readonly late: boolean;
  /** What the worker was given before it, and is still at work for. */
  readonly ahead: Set<number>;
  begun: boolean;
  timer?: NodeJS.Timeout;
}

/**
 * Watches the runs of one process that nobody waits for any more.
 *
 * One that goes on after its deadline is ended with its process after the grace. One whose caller has just left may be doing
 * useful work: after 30 graces, at least a second, the process gets no more requests, and is ended when nobody waits for any of
 * its runs. The time of either begins anew when the worker says that it has begun, and, as long as the worker says nothing,
 * while or when another run may be what keeps it.
 */
export class RunWatch {
  readonly #left = new Map<number, LeftRun>();
  readonly #suspects = new Set<number>();
  #hurried = false;

  /** @param grace milliseconds */
  constructor(
    private readonly grace: number,
    private readonly runs: WatchedRuns,
  ) {}

  /** True while a run goes on that nobody has waited for in a long time. */
  get suspects(): boolean {
    return this.#suspects.size > 0;
  }

  /** Its caller waits no more, while its run goes on. */
  left(call: WorkerCall, late: boolean): void {
    const { id } = call;
    const known = this.#left.get(id);
    clearTimeout(known?.timer);
    const run: LeftRun = {
      call,
      late: late || this.#hurried,
      ahead: this.#aheadOf(call),
      begun: known?.begun ?? false,
    };
    this.#left.set(id, run);
    this.#giveTime(run);
    // It holds them up no less than before, and counts no more as what does.
    for (const behind of this.#behind(id)) this.#giveTime(behind);
    this.#judge();
  }

  /** The worker says that the run of a call has begun, whose caller waits no more. */
  begun(id: number): void {
    const run = this.#left.get(id);
    if (run === undefined) return;
    run.begun = true;
    this.#giveTime(run);
    if (this.#suspects.delete(id)) this.runs.onChange();
  }

  /** From now on every run that nobody waits for gets the grace alone. */
  hurry(): void {
    this.#hurried = true;
    for (const call of this.runs.calls()) if (call.settled) this.left(call, true);
  }

  /** Its run has ended. Whoever says so asks afterwards whether there are suspects. */
  ended(id: number): void {
    if (this.#left.size === 0) return;
    clearTimeout(this.#left.get(id)?.timer);
    this.#left.delete(id);
    this.#suspects.delete(id);
    for (const behind of this.#behind(id)) {
      // Whether it has begun by now, or never does, is still on its way here.
      this.#suspects.delete(behind.call.id);
      this.#giveTime(behind);
      behind.ahead.delete(id);
    }
    this.#judge();
  }

  stop(): void {
    for (const { timer } of this.#left.values()) clearTimeout(timer);
    this.#left.clear();
    this.#suspects.clear();
  }

  #aheadOf({ id }: WorkerCall): Set<number> {
    const ahead = new Set<number>();
    for (const other of this.runs.calls()) {
      if (other.id === id) break;
      ahead.add(other.id);
    }
    return ahead;
  }

  /** Those that it may have kept from beginning. */
  #behind(id: number): LeftRun[] {
    return [...this.#left.values()].filter(({ begun, ahead }) => !begun && ahead.has(id));
  }

  /** All of its time, from now on. */
  #giveTime(run: LeftRun): void {
    clearTimeout(run.timer);
    const time = run.late ? this.grace : Math.max(LEFT_GRACES * this.grace, LEAST_LEFT_GRACE);
    run.timer = setTimeout(() => this.#onTime(run), time).unref();
  }

  #onTime(run: LeftRun): void {
    // It may not have begun, and is no reason to end what has.
    if (!run.begun && this.runs.isHeldUp(run.call)) return this.#giveTime(run);
    if (run.late) {
      this.runs.onOverrun(`a run went on for ${this.grace} ms after its deadline or its caller's leaving`);
    } else {
      this.#suspects.add(run.call.id);
      this.runs.onChange();
    }
    this.#judge();
  }

  #judge(): void {
    if (!this.suspects) return;
    for (const call of this.runs.calls()) if (!call.settled) return;
    this.runs.onOverrun('its runs went on long after their callers had left');
  }
}
