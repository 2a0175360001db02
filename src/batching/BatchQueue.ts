import type { RunwrightError } from '../errors/RunwrightError';
import type { BatchOutcome } from './BatchItem';
import type { AddOptions, BatchQueueOptions } from './BatchQueueOptions';
import type { Bucket } from './Bucket';
import { systemClock, type Clock } from './Clock';
import { deadlineError } from './deadlineError';
import { LoneItems } from './LoneItems';
import { QueueEntry } from './QueueEntry';
import { closedError, fullError, wrongCountError } from './queueErrors';
import { ServiceRate } from './ServiceRate';
import { stoppedError } from './stoppedError';
import { WaitingLine } from './WaitingLine';

/**
 * A work-conserving queue: what is added runs as soon as a run may start, and gathers into batches while none may. First
 * come, first served within a bucket; the bucket with the oldest item goes first.
 *
 * With `maxSize` above 1 a run starts at the end of a turn of the event loop, with all that arrived in it. With 1 it starts at
 * once, unless the turn has taken longer than `turnLimit`.
 *
 * @example
 * const queue = new BatchQueue({ where: 'Iris', maxSize: 32, run: (items) => predict(items.map(({ value }) => value)) });
 * const output = await queue.add(input, { timeout: 1_000 });
 * await queue.close();
 */
export class BatchQueue<T, R> {
  private readonly maxDelay: number;
  private readonly maxCost: number;
  private readonly maxWaiting: number;
  private readonly concurrency: number;
  private readonly turnLimit: number;
  /** Where nothing has to be asked of an item, or waited for, before it may run by itself. */
  private readonly loneItems: LoneItems | undefined;
  private readonly clock: Clock;
  private readonly rate = new ServiceRate();
  private readonly line = new WaitingLine<T, R>();
  private runs = 0;
  private runningItems = 0;
  private idle = true;
  /** True while a dispatch is to come in any case. */
  private awaits = false;
  private stopDelay: (() => void) | undefined;
  private closed: Promise<void> | undefined;
  private onIdle: (() => void) | undefined;

  constructor(private readonly options: BatchQueueOptions<T, R>) {
    this.maxDelay = options.maxDelay ?? 0;
    this.maxCost = options.maxCost ?? Infinity;
    this.maxWaiting = options.maxWaiting ?? Infinity;
    this.concurrency = options.concurrency ?? 1;
    this.turnLimit = options.turnLimit ?? Infinity;
    const { maxSize, cost, bucket } = options;
    const takesAlone = maxSize > 1 && this.concurrency === 1 && this.maxDelay === 0 && !cost && !bucket;
    this.clock = options.clock ?? systemClock;
    this.loneItems = takesAlone ? new LoneItems(this.clock) : undefined;
  }

  /** Items that no run has begun. */
  get waiting(): number {
    return this.line.size;
  }

  /** Items that runs are at work on, also those whose callers have left. */
  get running(): number {
    return this.runningItems;
  }

  /** True when `add` would be refused with RW_QUEUE_FULL. */
  get full(): boolean {
    return this.line.size >= this.maxWaiting + (this.concurrency - this.runs) * this.options.maxSize;
  }

  /** Whole seconds, at least 1, in which what waits now is answered, by the measured rate. */
  retryAfter(): number {
    return Math.max(1, Math.ceil(this.rate.secondsFor(this.line.size)));
  }

  /**
   * Exactly one answer: what became of the item, or why nothing did.
   *
   * @throws RunwrightError RW_QUEUE_FULL, RW_DEADLINE, RW_ABORTED, RW_HANDLE_STATE (closed); what `run`, `cost` or `bucket`
   *   threw
   */
  add(value: T, options?: AddOptions): Promise<R> {
    return new Promise((resolve, reject) => {
      const refusal = this.refusal(options);
      if (refusal) return reject(refusal);
      const { cost, bucket } = this.options;
      const entry = new QueueEntry<T, R>(
        value,
        cost ? cost(value) : 1,
        this.maxDelay > 0 || options?.timeout !== undefined ? this.clock.now() : 0,
        options?.cancellation,
        resolve,
        reject,
      );
      this.line.push(entry, bucket?.(value));
      if (options) this.watch(entry, options);
      this.wake();
    });
  }

  /**
   * Takes the place of a run for one item that its caller runs by itself: the short way while items come one after another,
   * each when the one before it has been answered. What is added meanwhile gathers.
   *
   * @returns false where it must be added instead; after true, `endAlone` is to be called when it has run
   */
  beginAlone(): boolean {
    if (!this.loneItems?.alone || this.runs > 0 || this.line.size > 0 || this.closed !== undefined)
      return false;
    this.enter(1);
    return true;
  }

  endAlone(): void {
    this.leave(1);
    this.wakeAfterAnswers();
    this.endIfIdle();
  }

  /** Takes nothing more; resolves when everything has its answer and no run is at work. */
  close(): Promise<void> {
    this.closed ??= new Promise((resolve) => (this.onIdle = resolve));
    this.wake();
    this.endIfIdle();
    return this.closed;
  }

  /** Everything that waits is rejected with `reason`. What runs goes on. */
  abort(reason: unknown): void {
    for (let bucket = this.line.oldest(any); bucket?.first; bucket = this.line.oldest(any)) {
      const { first } = bucket;
      this.remove(first);
      first.fail(reason);
    }
    this.endIfIdle();
  }

  private refusal({ cancellation, timeout = Infinity }: AddOptions = {}): RunwrightError | undefined {
    const { where } = this.options;
    if (this.closed) return closedError(where);
    if (cancellation?.aborted) return stoppedError(where, cancellation.reason);
    if (timeout <= 0) return deadlineError(where, timeout);
    return this.full ? fullError(where, this.waiting, this.running) : undefined;
  }

  private watch(entry: QueueEntry<T, R>, { cancellation, timeout }: AddOptions): void {
    if (cancellation) {
      entry.stopWatching = cancellation.onAbort(() => this.drop(entry, cancellation.reason));
    }
    if (timeout === undefined || timeout === Infinity) return;
    entry.timeout = timeout;
    entry.stopTimer = this.clock.after(timeout, () => this.drop(entry, this.lateness(entry)));
  }

  /** Somebody has left, or time is up: an answer at once, and out of the line if it waits there. */
  private drop(entry: QueueEntry<T, R>, reason: unknown): void {
    this.remove(entry);
    entry.leave(stoppedError(this.options.where, reason), reason);
    this.endIfIdle();
  }

  private lateness({ timeout }: QueueEntry<T, R>): RunwrightError {
    return deadlineError(this.options.where, timeout);
  }

  private remove(entry: QueueEntry<T, R>): void {
    this.line.remove(entry);
    if (this.line.size > 0) return;
    this.stopDelay?.();
    this.stopDelay = undefined;
  }

  private wake(): void {
    if (this.awaits || this.line.size === 0 || this.runs >= this.concurrency) return;
    if (this.options.maxSize === 1 && !this.turnIsLong) return this.dispatch();
    this.awaits = true;
    this.clock.afterTurn(this.onTurn);
  }

  /** What has ended is on its way before the next batch may block the thread. */
  private wakeAfterAnswers(): void {
    if (this.options.maxSize === 1 || this.awaits || this.line.size === 0) return this.wake();
    this.awaits = true;
    this.clock.afterWork(this.onAnswers);
  }

  private readonly onAnswers = (): void => {
    this.awaits = false;
    this.wake();
  };

  private get turnIsLong(): boolean {
    return this.turnLimit !== Infinity && this.clock.turnAge() >= this.turnLimit;
  }

  private readonly onTurn = (): void => {
    this.awaits = false;
    // Others may have made the turn long already: each queue begins one run a turn all the same.
    this.dispatch(true);
  };

  private dispatch(begins = false): void {
    while (this.runs < this.concurrency && this.line.size > 0) {
      // Asked in any case: the turn is measured from the first time on.
      const isLong = this.turnIsLong;
      if (isLong && !begins) return this.wake();
      begins = false;
      const now = this.clock.now();
      const bucket = this.line.oldest((candidate) => this.isReady(candidate, now));
      if (!bucket) return this.delay(now);
      const items = this.take(bucket, now);
      if (items.length === 0) continue;
      this.start(items, now);
      // How long a run blocks the turn is known when it has done so, which is after this.
      if (this.turnLimit !== Infinity) {
        this.awaits = true;
        return this.clock.afterWork(this.onWork);
      }
    }
    this.endIfIdle();
  }

  private readonly onWork = (): void => {
    this.awaits = false;
    this.dispatch();
  };

  /** Full, or its oldest item has waited as long as it may. */
  private isReady({ first, size, cost }: Bucket<QueueEntry<T, R>>, now: number): boolean {
    if (this.maxDelay === 0 || this.closed !== undefined) return true;
    if (size >= this.options.maxSize || cost >= this.maxCost) return true;
    return first !== undefined && first.since + this.maxDelay <= now;
  }

  /** Comes back when the oldest item has waited long enough. */
  private delay(now: number): void {
    const since = this.line.oldest(any)?.first?.since ?? now;
    this.stopDelay ??= this.clock.after(since + this.maxDelay - now, () => {
      this.stopDelay = undefined;
      this.wake();
    });
  }

  private take(bucket: Bucket<QueueEntry<T, R>>, now: number): QueueEntry<T, R>[] {
    const items: QueueEntry<T, R>[] = [];
    let cost = 0;
    for (let entry = bucket.first; entry && items.length < this.options.maxSize; entry = bucket.first) {
      // A loop that was blocked has not seen the timer yet.
      if (entry.since + entry.timeout <= now) {
        const error = this.lateness(entry);
        this.remove(entry);
        entry.leave(error, error);
        continue;
      }
      if (items.length > 0 && cost + entry.cost > this.maxCost) break;
      this.remove(entry);
      cost += entry.cost;
      items.push(entry);
    }
    return items;
  }

  private start(items: readonly QueueEntry<T, R>[], now: number): void {
    if (this.idle) this.rate.begin(now);
    this.idle = false;
    this.enter(items.length);
    const fail = (error: unknown): void => this.finish(items, undefined, error);
    try {
      this.options.run(items).then((outcomes) => this.finish(items, outcomes), fail);
    } catch (error) {
      // Not at once: it would begin the next run within this one.
      queueMicrotask(() => fail(error));
    }
  }

  private enter(count: number): void {
    this.runs += 1;
    this.runningItems += count;
    this.loneItems?.begin(count);
  }

  private leave(count: number): void {
    this.runs -= 1;
    this.runningItems -= count;
    this.loneItems?.end(count, this.line.size > 0);
  }

  private finish(
    items: readonly QueueEntry<T, R>[],
    outcomes: readonly BatchOutcome<R>[] | undefined,
    failure?: unknown,
  ): void {
    this.leave(items.length);
    this.rate.note(items.length, this.clock.now());
    if (outcomes?.length === items.length) items.forEach((entry, at) => settle(entry, outcomes[at]));
    else {
      const error = outcomes ? wrongCountError(this.options.where, items.length, outcomes.length) : failure;
      items.forEach((entry) => entry.fail(error));
    }
    this.wakeAfterAnswers();
    this.endIfIdle();
  }

  private endIfIdle(): void {
    if (this.runs > 0 || this.line.size > 0) return;
    this.idle = true;
    this.onIdle?.();
  }
}

function settle<R>(entry: QueueEntry<unknown, R>, outcome: BatchOutcome<R> | undefined): void {
  if (outcome?.ok) entry.succeed(outcome.value);
  else entry.fail(outcome?.error);
}

const any = (): boolean => true;
