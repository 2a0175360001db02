import type { BatchItem } from './BatchItem';
import type { Bucket } from './Bucket';
import { Cancellation } from './Cancellation';

/** One item of a queue from `add` to its answer. The first answer counts. */
export class QueueEntry<T, R> implements BatchItem<T> {
  /** Where it waits; absent when it runs or has left. */
  bucket: Bucket<QueueEntry<T, R>> | undefined = undefined;
  previous: QueueEntry<T, R> | undefined = undefined;
  next: QueueEntry<T, R> | undefined = undefined;
  /** Position among all that were ever added. */
  order = 0;
  /** Milliseconds that it has for its answer. */
  timeout = Infinity;
  stopTimer: (() => void) | undefined = undefined;
  stopWatching: (() => void) | undefined = undefined;
  private answered = false;
  private own: Cancellation | undefined = undefined;

  constructor(
    readonly value: T,
    readonly cost: number,
    /** When it was added, by the queue's clock; 0 where nothing depends on it. */
    readonly since: number,
    private readonly given: Cancellation | undefined,
    private readonly resolve: (value: R) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  get cancellation(): Cancellation {
    // The caller's own must not fire for a deadline that is the queue's.
    return (this.own ??= this.given && this.timeout === Infinity ? this.given : new Cancellation());
  }

  succeed(value: R): void {
    if (this.answered) return;
    this.end();
    this.resolve(value);
  }

  fail(error: unknown): void {
    if (this.answered) return;
    this.end();
    this.reject(error);
  }

  /** Nobody waits for what a run may still make of it: the answer is `error`, and the run sees `reason`. */
  leave(error: unknown, reason: unknown): void {
    if (this.answered) return;
    this.fail(error);
    (this.own ??= new Cancellation()).abort(reason);
  }

  private end(): void {
    this.answered = true;
    this.stopTimer?.();
    this.stopWatching?.();
  }
}
