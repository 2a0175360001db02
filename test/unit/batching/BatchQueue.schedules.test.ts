import { expect, it } from 'vitest';
import type { BatchItem, BatchOutcome } from '../../../src/batching/BatchItem';
import { BatchQueue } from '../../../src/batching/BatchQueue';
import { Cancellation } from '../../../src/batching/Cancellation';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { ManualClock } from './ManualClock';

const SCHEDULES = 100_000;
const STEPS = 24;

/** Numbers from 0 to below `limit`, the same for the same seed (mulberry32). */
const randomFrom = (seed: number) => {
  let state = seed;
  return (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
};

interface Item {
  readonly id: number;
  readonly cost: number;
  readonly bucket: string;
  readonly deadline: number;
  readonly cancellation: Cancellation | undefined;
  /** `ending`: its run has ended, and the queue has not heard of it yet. `gone`: its answer cannot change any more. */
  state: 'waiting' | 'running' | 'ending' | 'gone';
  /** Answers that the rules allow. */
  readonly allowed: Set<unknown>;
  readonly answers: unknown[];
}

interface Run {
  readonly items: readonly Item[];
  readonly seen: readonly BatchItem<Item>[];
  readonly resolve: (outcomes: readonly BatchOutcome<number>[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One random life of one random queue, beside a plain model of what the rules allow. */
class Schedule {
  private readonly random = randomFrom(this.seed);
  private readonly clock = new ManualClock();
  private readonly maxSize = 1 + this.random(4);
  private readonly concurrency = 1 + this.random(2);
  private readonly maxDelay = this.random(3) === 0 ? 5 : 0;
  private readonly maxCost = this.random(2) === 0 ? 10 : Infinity;
  private readonly buckets = this.random(2) === 0 ? 1 + this.random(3) : 0;
  private readonly maxWaiting = this.random(3) === 0 ? this.random(6) : Infinity;
  private readonly turnLimit = this.random(2) === 0 ? 2 : undefined;
  private readonly items: Item[] = [];
  private readonly runs: Run[] = [];
  private closed: Promise<void> | undefined;
  private fault: string | undefined;

  private readonly queue = new BatchQueue<Item, number>({
    where: 'Model',
    clock: this.clock,
    maxSize: this.maxSize,
    concurrency: this.concurrency,
    maxDelay: this.maxDelay,
    cost: ({ cost }) => cost,
    maxCost: this.maxCost,
    bucket: this.buckets === 0 ? undefined : ({ bucket }) => bucket,
    maxWaiting: this.maxWaiting,
    turnLimit: this.turnLimit,
    run: (batch) => this.begin(batch),
  });

  constructor(private readonly seed: number) {}

  /** @returns every answer that was given */
  async live(): Promise<unknown[]> {
    for (let step = 0; step < STEPS; step += 1) {
      this.step(this.random(32));
      await this.turns(this.random(4));
    }
    await this.end();
    if (this.fault !== undefined) throw new Error(`schedule ${this.seed}: ${this.fault}`);
    return this.items.flatMap(({ answers }) => answers);
  }

  private step(choice: number): void {
    if (choice < 13) this.add();
    else if (choice < 20) this.endRun();
    else if (choice < 25) this.endTurn();
    else if (choice < 27) this.pass(1 + this.random(6));
    else if (choice < 30) this.cancel();
    else if (choice === 30) this.clock.age = this.random(4);
    else if (this.random(6) === 0) this.close();
    else if (this.random(3) === 0) this.abort();
  }

  /** Lets promises go on, none, once or several times. */
  private async turns(count: number): Promise<void> {
    for (let wait = 0; wait < count; wait += 1) await Promise.resolve();
    if (count < 2) return;
    for (const item of this.items) if (item.state === 'ending') item.state = 'gone';
  }

  private add(): void {
    const timeout = this.random(3) === 0 ? this.random(12) : undefined;
    const item: Item = {
      id: this.items.length,
      cost: 1 + this.random(8),
      bucket: this.buckets === 0 ? '' : String(this.random(this.buckets)),
      deadline: timeout === undefined ? Infinity : this.clock.now() + timeout,
      cancellation: this.random(2) === 0 ? new Cancellation() : undefined,
      state: 'waiting',
      allowed: new Set(),
      answers: [],
    };
    if (this.random(16) === 0) item.cancellation?.abort('left');
    if (this.closed) leave(item, 'RW_HANDLE_STATE');
    else if (item.cancellation?.aborted) leave(item, 'RW_ABORTED');
    else if (timeout === 0) leave(item, 'RW_DEADLINE');
    else if (this.queue.full) leave(item, 'RW_QUEUE_FULL');
    this.items.push(item);
    this.queue.add(item, { cancellation: item.cancellation, timeout }).then(
      (value) => item.answers.push(value),
      (error: unknown) => item.answers.push(RunwrightError.is(error) ? error.code : error),
    );
    const most = this.maxWaiting + this.concurrency * this.maxSize;
    this.check(this.queue.waiting <= most, 'more wait than may');
    this.check(this.maxWaiting < Infinity || !this.queue.full, 'full without a bound');
  }

  /** What the queue runs must be what the rules say, to the item. */
  private begin(batch: readonly BatchItem<Item>[]): Promise<readonly BatchOutcome<number>[]> {
    const items = batch.map(({ value }) => value);
    const [first] = items;
    const now = this.clock.now();
    const waiting = this.inState('waiting');
    this.check(this.runs.length < this.concurrency, 'too many runs');
    if (this.maxDelay === 0 && waiting.every(({ deadline }) => deadline > now)) {
      this.check(first === waiting[0], 'the oldest item is not in the batch');
    }
    const due: Item[] = [];
    let cost = 0;
    for (const item of waiting) {
      if (item.bucket !== first?.bucket) continue;
      if (due.length === this.maxSize) break;
      if (item.deadline <= now) {
        leave(item, 'RW_DEADLINE');
        continue;
      }
      cost += item.cost;
      if (due.length > 0 && cost > this.maxCost) break;
      due.push(item);
    }
    const ids = (list: readonly Item[]) => list.map(({ id }) => id).join();
    this.check(ids(items) === ids(due), `ran ${ids(items)}, not ${ids(due)}`);
    for (const item of items) item.state = 'running';
    // Half of the runs ask for the cancellations at the beginning, the others when they end.
    if (this.random(2) === 0)
      this.check(!batch.some((item) => item.cancellation.aborted), 'ran what had left');
    return new Promise((resolve, reject) => this.runs.push({ items, seen: batch, resolve, reject }));
  }

  private endRun(): void {
    const run = this.runs.splice(this.random(Math.max(1, this.runs.length)), 1)[0];
    if (!run) return;
    for (const [at, item] of run.items.entries()) {
      const told = run.seen[at]?.cancellation.aborted;
      this.check(told === (item.state === 'gone'), `the run of ${item.id} was told ${String(told)}`);
    }
    const kind = this.random(8);
    if (kind === 0) {
      for (const item of run.items) answer(item, 'no model');
      return run.reject('no model');
    }
    if (kind === 1) {
      for (const item of run.items) answer(item, 'RW_BATCH_COUNT');
      return run.resolve([...run.items, 0].map(() => ({ ok: true, value: 0 })));
    }
    run.resolve(
      run.items.map((item): BatchOutcome<number> => {
        const bad = this.random(6) === 0;
        answer(item, bad ? 'bad item' : item.id);
        return bad ? { ok: false, error: 'bad item' } : { ok: true, value: item.id };
      }),
    );
  }

  private endTurn(): void {
    this.clock.endTurn();
    if (this.maxDelay > 0 || this.inState('ending').length > 0 || this.runs.length === this.concurrency)
      return;
    this.check(this.queue.waiting === 0, 'something waits while a run could start');
  }

  /** Time passes; half of the time the loop is blocked meanwhile, and no timer fires. */
  private pass(milliseconds: number): void {
    this.clock.block(milliseconds);
    if (this.random(2) === 0) return;
    for (const item of this.items) if (item.deadline <= this.clock.now()) leave(item, 'RW_DEADLINE');
    this.clock.fire();
  }

  private cancel(): void {
    const item = this.items[this.random(Math.max(1, this.items.length))];
    if (!item?.cancellation) return;
    this.leaveNow(item, 'RW_ABORTED');
    item.cancellation.abort('left');
  }

  private abort(): void {
    for (const item of this.inState('waiting')) this.leaveNow(item, 'stopped');
    this.queue.abort('stopped');
  }

  private close(): void {
    this.closed = this.queue.close();
    void this.closed.then(() => {
      this.check(this.queue.waiting + this.queue.running === 0, 'closed while there was work');
    });
  }

  /** Everything ends, and then each must have had its one answer. */
  private async end(): Promise<void> {
    this.close();
    for (let round = 0; this.queue.waiting + this.queue.running > 0 && round < 200; round += 1) {
      this.endTurn();
      this.endRun();
      await this.turns(3);
    }
    this.check(this.queue.waiting + this.queue.running === 0, 'it never ends');
    if (this.fault !== undefined) return;
    await this.closed;
    for (const item of this.items) {
      // Dropped together with all of its bucket, which no run has told of.
      if (item.state === 'waiting' && item.deadline <= this.clock.now()) leave(item, 'RW_DEADLINE');
      const said = `item ${item.id} got ${item.answers.join()} of ${[...item.allowed].join()}`;
      this.check(item.answers.length === 1 && item.allowed.has(item.answers[0]), said);
    }
    this.clock.endTurn();
    this.check(this.clock.waitingTimers === 0, 'a timer is left');
  }

  /** An item that is late and whose timer has not fired may have been dropped for that already. */
  private leaveNow(item: Item, reason: unknown): void {
    if (item.state === 'waiting' && item.deadline <= this.clock.now()) item.allowed.add('RW_DEADLINE');
    leave(item, reason);
  }

  private inState(state: Item['state']): Item[] {
    return this.items.filter((item) => item.state === state);
  }

  // Not thrown: a queue answers what a run throws.
  private check(holds: boolean, what: string): void {
    if (!holds) this.fault ??= what;
  }
}

/** The item is answered without a run, or before its run ends. */
function leave(item: Item, reason: unknown): void {
  if (item.state === 'gone') return;
  item.allowed.add(reason);
  item.state = 'gone';
}

/** The item's run ends. */
function answer(item: Item, outcome: unknown): void {
  if (item.state === 'gone') return;
  item.allowed.add(outcome);
  item.state = 'ending';
}

it(`leaves nothing without exactly one answer, in ${SCHEDULES} random schedules`, async () => {
  const kinds = new Map<unknown, number>();
  for (let seed = 1; seed <= SCHEDULES; seed += 1) {
    for (const answer of await new Schedule(seed).live()) {
      const kind = typeof answer === 'number' ? 'an outcome' : answer;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  // Every rule has been met, often.
  const rules = ['RW_ABORTED', 'RW_DEADLINE', 'RW_QUEUE_FULL', 'RW_HANDLE_STATE', 'RW_BATCH_COUNT'];
  for (const kind of ['an outcome', 'bad item', 'no model', 'stopped', ...rules]) {
    expect(kinds.get(kind), String(kind)).toBeGreaterThan(SCHEDULES / 50);
  }
}, 300_000);
