import type { WorkerCall } from './WorkerCall';

/** Graces that a run gets which nobody waits for, where no deadline has passed. */
const LEFT_GRACES = 30;
const LEAST_LEFT_GRACE = 1_000;

export interface WatchedRuns {
  /** All that the worker is at work for. */
  readonly calls: () => Iterable<WorkerCall>;
  /** Whether the worker may still be inside a run that it was given before this one, and that somebody waits for. */
  readonly isHeldUp: (call: WorkerCall) => boolean;
  /** The worker should be given nothing more. */
  readonly onSuspect: () => void;
  /** The worker should be ended. */
  readonly onOverrun: (reason: string) => void;
}

/**
 * Watches the runs of one process that nobody waits for any more.
 *
 * One that goes on after its deadline is ended with its process after the grace; the grace begins anew when the worker says that
 * it has begun, and as long as it says nothing and another run may be what keeps it. One whose caller has just left may be doing
 * useful work: after 30 graces, at least a second, the process gets no more requests, and is ended when nobody waits for
 * any of its runs.
 */
export class RunWatch {
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #suspects = new Set<number>();
  /** Those that the grace alone is left of. */
  readonly #late = new Map<number, WorkerCall>();
  readonly #begun = new Set<number>();
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
    if (late || this.#hurried) {
      this.#late.set(id, call);
      this.#giveGrace(call);
    } else {
      this.#after(id, Math.max(LEFT_GRACES * this.grace, LEAST_LEFT_GRACE), () => {
        this.#suspects.add(id);
        this.runs.onSuspect();
      });
    }
    this.#judge();
  }

  /** The worker says that the run of a call has begun, whose caller waits no more. */
  begun(id: number): void {
    this.#begun.add(id);
    const call = this.#late.get(id);
    if (call !== undefined) this.#giveGrace(call);
  }

  /** From now on every run that nobody waits for gets the grace alone. */
  hurry(): void {
    this.#hurried = true;
    for (const call of this.runs.calls()) if (call.settled) this.left(call, true);
  }

  /** Its run has ended. */
  ended(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#suspects.delete(id);
    this.#late.delete(id);
    this.#begun.delete(id);
    this.#judge();
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#suspects.clear();
    this.#late.clear();
    this.#begun.clear();
  }

  #giveGrace(call: WorkerCall): void {
    this.#after(call.id, this.grace, () => {
      // It may not have begun, and is no reason to end what has.
      if (!this.#begun.has(call.id) && this.runs.isHeldUp(call)) return this.#giveGrace(call);
      this.runs.onOverrun(`a run went on for ${this.grace} ms after its deadline or its caller's leaving`);
    });
  }

  #after(id: number, milliseconds: number, callback: () => void): void {
    clearTimeout(this.#timers.get(id));
    const timer = setTimeout(() => {
      callback();
      this.#judge();
    }, milliseconds);
    this.#timers.set(id, timer.unref());
  }

  #judge(): void {
    if (!this.suspects) return;
    for (const call of this.runs.calls()) if (!call.settled) return;
    this.runs.onOverrun('its runs went on long after their callers had left');
  }
}
