import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BatchItem, BatchOutcome } from '../../../src/batching/BatchItem';
import { BatchQueue } from '../../../src/batching/BatchQueue';
import type { BatchQueueOptions } from '../../../src/batching/BatchQueueOptions';
import { Cancellation } from '../../../src/batching/Cancellation';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { ManualClock } from './ManualClock';

interface Run {
  readonly items: readonly BatchItem<number>[];
  readonly values: readonly number[];
  /** Every item comes back as its value times ten, or as the error that is given for it. */
  end(errors?: Readonly<Record<number, Error>>): void;
  answer(outcomes: readonly BatchOutcome<number>[]): void;
  fail(error: unknown): void;
}

/** A queue whose runs end when the test says so. */
const open = (options: Partial<BatchQueueOptions<number, number>> = {}) => {
  const clock = new ManualClock();
  const runs: Run[] = [];
  const queue = new BatchQueue<number, number>({
    where: 'Model',
    maxSize: 4,
    clock,
    run: (items) =>
      new Promise((answer, fail) => {
        const end = (errors: Readonly<Record<number, Error>> = {}) =>
          answer(
            items.map(({ value }) => {
              const error = errors[value];
              return error ? { ok: false, error } : { ok: true, value: value * 10 };
            }),
          );
        runs.push({ items, values: items.map(({ value }) => value), end, answer, fail });
      }),
    ...options,
  });
  const begun = () => runs.map(({ values }) => values);
  const last = (): Run => runs.at(-1) as Run;
  return { clock, queue, runs, begun, last };
};

/** Lets every promise that can go on do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const ending = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    return RunwrightError.is(error) ? error.code : error;
  }
};

describe('dispatch', () => {
  it.each([2, 1])(
    'begins no batch before the answers of the last one are on their way (of %s)',
    async (count) => {
      let sent = 0;
      const sentBefore: number[] = [];
      const queue = new BatchQueue<number, number>({
        where: 'Model',
        maxSize: 2,
        run: async (items) => {
          sentBefore.push(sent);
          await settle();
          return items.map(({ value }) => ({ ok: true, value }));
        },
      });
      const callers = Array.from({ length: 2 + count }, async (_, value) => {
        await queue.add(value);
        // As what gathers the messages of a turn does.
        setImmediate(() => (sent += 1));
      });
      await Promise.all(callers);
      expect(sentBefore).toEqual([0, 2]);
    },
  );

  it('puts all that arrives in one turn into one batch, in order', async () => {
    const { queue, clock, begun, last } = open();
    const answers = [1, 2, 3].map((value) => queue.add(value));
    expect(begun()).toEqual([]);
    expect([queue.waiting, queue.running]).toEqual([3, 0]);
    clock.endTurn();
    expect(begun()).toEqual([[1, 2, 3]]);
    expect([queue.waiting, queue.running]).toEqual([0, 3]);
    last().end();
    expect(await Promise.all(answers)).toEqual([10, 20, 30]);
    expect([queue.waiting, queue.running]).toEqual([0, 0]);
  });

  it('gathers while a run is at work, at most maxSize for the next', async () => {
    const { queue, clock, begun, last } = open();
    void queue.add(0);
    clock.endTurn();
    for (let value = 1; value <= 6; value += 1) void queue.add(value);
    clock.endTurn();
    expect(begun()).toEqual([[0]]);
    last().end();
    await settle();
    clock.endTurn();
    expect(begun()).toEqual([[0], [1, 2, 3, 4]]);
    last().end();
    await settle();
    clock.endTurn();
    expect(begun()).toEqual([[0], [1, 2, 3, 4], [5, 6]]);
  });

  it('has as many runs at work as it may', async () => {
    const { queue, clock, begun, runs } = open({ maxSize: 2, concurrency: 2 });
    for (let value = 1; value <= 7; value += 1) void queue.add(value);
    clock.endTurn();
    expect(begun()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    runs[1]?.end();
    await settle();
    clock.endTurn();
    expect(begun().slice(2)).toEqual([[5, 6]]);
  });

  it('starts at once where batches have one item, and lets the loop read after a long turn', async () => {
    const { queue, clock, begun, last } = open({ maxSize: 1, turnLimit: 2 });
    void queue.add(1);
    void queue.add(2);
    expect(begun()).toEqual([[1]]);
    last().end();
    await settle();
    expect(begun()).toEqual([[1], [2]]);
    void queue.add(3);
    clock.age = 3;
    last().end();
    await settle();
    expect(begun()).toEqual([[1], [2]]);
    clock.endTurn();
    expect(begun()).toEqual([[1], [2], [3]]);
    last().end();
    await settle();
    clock.age = 3;
    void queue.add(4);
    expect(begun().length).toBe(3);
    clock.endTurn();
    expect(begun()[3]).toEqual([4]);
  });

  it('leaves the loop room to read while its runs block it', async () => {
    const queue = new BatchQueue<number, number>({
      where: 'Model',
      maxSize: 1,
      concurrency: 8,
      turnLimit: 2,
      run: async (items) => {
        await Promise.resolve();
        const end = performance.now() + 3;
        while (performance.now() < end);
        return items.map(({ value }) => ({ ok: true, value }));
      },
    });
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 20 }, (_, value) => queue.add(value)));
    done = true;
    expect(turns).toBeGreaterThan(15);
  });

  it('begins many short runs in one turn', async () => {
    const queue = new BatchQueue<number, number>({
      where: 'Model',
      maxSize: 1,
      concurrency: 1000,
      turnLimit: 1000,
      run: (items) => Promise.resolve(items.map(({ value }) => ({ ok: true, value }))),
    });
    let turns = 0;
    setImmediate(() => (turns += 1));
    await Promise.all(Array.from({ length: 1000 }, (_, value) => queue.add(value)));
    expect(turns).toBe(0);
  });

  it('works by the clock of the machine while a program’s timers are replaced', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date'] });
    const queue = new BatchQueue<number, number>({
      where: 'Model',
      maxSize: 2,
      maxDelay: 5,
      run: (items) => Promise.resolve(items.map(({ value }) => ({ ok: true, value }))),
    });
    expect(await queue.add(1)).toBe(1);
    expect(await ending(queue.add(1, { timeout: 1 }))).toBe('RW_DEADLINE');
  });
  afterEach(() => void vi.useRealTimers());
});

describe('maxDelay', () => {
  it('waits for others so long, and no longer when the batch is full', () => {
    const { queue, clock, begun } = open({ maxDelay: 10, maxSize: 3 });
    void queue.add(1);
    clock.endTurn();
    clock.advance(9);
    clock.endTurn();
    void queue.add(2);
    clock.endTurn();
    expect(begun()).toEqual([]);
    clock.advance(1);
    clock.endTurn();
    expect(begun()).toEqual([[1, 2]]);
    const full = open({ maxDelay: 10, maxSize: 3 });
    for (const value of [1, 2, 3]) void full.queue.add(value);
    full.clock.endTurn();
    expect(full.begun()).toEqual([[1, 2, 3]]);
  });

  it('leaves no timer when nothing waits, and ends with close', async () => {
    const { queue, clock, begun, last } = open({ maxDelay: 10 });
    const cancellation = new Cancellation();
    const left = queue.add(1, { cancellation });
    clock.endTurn();
    expect(clock.waitingTimers).toBe(1);
    cancellation.abort('left');
    expect(await ending(left)).toBe('RW_ABORTED');
    expect(clock.waitingTimers).toBe(0);
    const answer = queue.add(2);
    clock.endTurn();
    const closed = queue.close();
    clock.endTurn();
    expect(begun()).toEqual([[2]]);
    last().end();
    expect(await answer).toBe(20);
    await closed;
    expect(clock.waitingTimers).toBe(0);
  });
});

describe('cost and bucket', () => {
  it('keeps a batch under maxCost; one item alone may exceed it', async () => {
    const { queue, clock, begun, last } = open({ maxSize: 10, cost: (value) => value, maxCost: 10 });
    for (const value of [4, 5, 3, 50, 1, 1]) void queue.add(value);
    for (let run = 0; run < 4; run += 1) {
      clock.endTurn();
      last().end();
      await settle();
    }
    expect(begun()).toEqual([[4, 5], [3], [50], [1, 1]]);
  });

  it('never mixes buckets; the one with the oldest item goes first', async () => {
    const { queue, clock, begun, last } = open({ bucket: (value) => (value % 2 === 0 ? 'even' : 'odd') });
    for (const value of [1, 2, 4, 3, 6, 5]) void queue.add(value);
    for (let run = 0; run < 2; run += 1) {
      clock.endTurn();
      last().end();
      await settle();
    }
    expect(begun()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  it('runs a full bucket while an older one still waits for others', () => {
    const { queue, clock, begun } = open({ maxSize: 2, maxDelay: 10, bucket: (value) => String(value % 2) });
    for (const value of [1, 2, 4]) void queue.add(value);
    clock.endTurn();
    expect(begun()).toEqual([[2, 4]]);
  });

  it('fails one item alone when its cost or its bucket cannot be told', async () => {
    const fault = new Error('no length');
    const pick = (value: number): never | number => {
      if (value === 2) throw fault;
      return value;
    };
    for (const options of [
      { cost: pick, maxCost: 9 },
      { bucket: (value: number) => String(pick(value) > 0) },
    ]) {
      const { queue, clock, begun, last } = open(options);
      const answers = [1, 2, 3].map((value) => ending(queue.add(value)));
      clock.endTurn();
      expect(begun()).toEqual([[1, 3]]);
      last().end();
      expect(await Promise.all(answers)).toEqual([10, fault, 30]);
    }
  });
});

describe('answers', () => {
  it('are given item by item', async () => {
    const { queue, clock, last } = open();
    const answers = [1, 2, 3].map((value) => ending(queue.add(value)));
    clock.endTurn();
    const fault = new Error('bad item');
    last().end({ 2: fault });
    expect(await Promise.all(answers)).toEqual([10, fault, 30]);
  });

  it('fail with the run, also one that throws before it returns', async () => {
    const { queue, clock, last } = open();
    const answers = [1, 2].map((value) => ending(queue.add(value)));
    clock.endTurn();
    const fault = new Error('no model');
    last().fail(fault);
    expect(await Promise.all(answers)).toEqual([fault, fault]);
    const throws = open({
      run: () => {
        throw fault;
      },
    });
    const answer = ending(throws.queue.add(1));
    throws.clock.endTurn();
    expect(await answer).toBe(fault);
    expect(throws.queue.running).toBe(0);
  });

  it('fail loudly, with both counts, when a run gives another number of them', async () => {
    const { queue, clock, last } = open();
    const answers = [1, 2].map((value) => queue.add(value).catch((error: unknown) => error as Error));
    clock.endTurn();
    last().answer([{ ok: true, value: 10 }]);
    for (const error of await Promise.all(answers)) {
      expect(error).toMatchObject({ code: 'RW_BATCH_COUNT' });
      expect((error as Error).message).toContain('2 items came back with 1');
    }
  });
});

describe('a bounded queue', () => {
  it('refuses what is too much, with both counts, and takes more when there is room', async () => {
    const { queue, begun, last } = open({ maxSize: 1, maxWaiting: 2 });
    const answers = [1, 2, 3].map((value) => queue.add(value));
    expect(queue.full).toBe(true);
    await expect(queue.add(4)).rejects.toMatchObject({
      code: 'RW_QUEUE_FULL',
      what: 'the queue is full: 2 wait and 1 are under way',
    });
    last().end();
    await answers[0];
    expect(queue.full).toBe(false);
    void queue.add(5);
    expect(queue.full).toBe(true);
    last().end();
    await settle();
    expect(begun()).toEqual([[1], [2], [3]]);
  });

  it('counts what the next runs take as not waiting', async () => {
    const { queue, clock } = open({ maxSize: 2, concurrency: 2, maxWaiting: 0 });
    const answers = [1, 2, 3, 4, 5].map((value) => ending(queue.add(value)));
    clock.endTurn();
    expect(queue.running).toBe(4);
    expect(await answers[4]).toBe('RW_QUEUE_FULL');
  });

  it('tells when to come back from what it has measured while it was busy', async () => {
    const { queue, clock, last } = open({ maxSize: 1 });
    expect(queue.retryAfter()).toBe(1);
    // Half a second an item, and an idle minute that must not count.
    for (let value = 0; value < 40; value += 1) {
      void queue.add(value);
      clock.advance(500);
      last().end();
      await settle();
      if (value === 20) clock.advance(60_000);
    }
    for (let value = 0; value < 20; value += 1) void queue.add(value);
    expect(queue.waiting).toBe(19);
    expect(queue.retryAfter()).toBe(10);
    // The model gets five times slower.
    for (let value = 0; value < 12; value += 1) {
      clock.advance(2_500);
      last().end();
      await settle();
    }
    expect(queue.waiting).toBe(7);
    expect(queue.retryAfter()).toBeGreaterThan(14);
    expect(queue.retryAfter()).toBeLessThanOrEqual(18);
  });
});

describe('a deadline', () => {
  it('drops what waits, so that it never runs', async () => {
    const { queue, clock, begun, last } = open({ maxSize: 1 });
    void queue.add(1);
    const late = queue.add(2, { timeout: 50 });
    clock.advance(50);
    await expect(late).rejects.toMatchObject({
      code: 'RW_DEADLINE',
      what: 'there was no answer within 50 ms',
    });
    expect(queue.waiting).toBe(0);
    last().end();
    await settle();
    expect(begun()).toEqual([[1]]);
  });

  it('drops it also when the loop was blocked and no timer has fired', async () => {
    const { queue, clock, begun, last } = open({ maxSize: 2 });
    void queue.add(1);
    clock.endTurn();
    const answers = [ending(queue.add(2, { timeout: 50 })), ending(queue.add(3, { timeout: 500 }))];
    clock.block(60);
    last().end();
    await settle();
    clock.endTurn();
    expect(begun()).toEqual([[1], [3]]);
    last().end();
    expect(await Promise.all(answers)).toEqual(['RW_DEADLINE', 30]);
    expect(clock.waitingTimers).toBe(0);
  });

  it('answers at once while the item runs, tells the run, and leaves the caller’s own cancellation alone', async () => {
    const { queue, clock, last } = open();
    const cancellation = new Cancellation();
    const late = ending(queue.add(1, { timeout: 50, cancellation }));
    const other = queue.add(2);
    clock.endTurn();
    const [item, neighbour] = last().items;
    const { signal } = item!.cancellation;
    clock.advance(50);
    expect(await late).toBe('RW_DEADLINE');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: 'RW_DEADLINE' });
    expect(cancellation.aborted).toBe(false);
    expect(neighbour!.cancellation.aborted).toBe(false);
    expect(queue.running).toBe(2);
    last().end();
    expect(await other).toBe(20);
    expect(queue.running).toBe(0);
  });

  it('that has passed already is answered without waiting', async () => {
    const { queue, begun } = open({ maxSize: 1 });
    expect(await ending(queue.add(1, { timeout: 0 }))).toBe('RW_DEADLINE');
    expect(await ending(queue.add(1, { timeout: -5 }))).toBe('RW_DEADLINE');
    expect(begun()).toEqual([]);
  });
});

describe('a caller that leaves', () => {
  it('is taken out of the queue', async () => {
    const { queue, clock, begun } = open();
    const cancellation = new Cancellation();
    const answers = [1, 2, 3].map((value) =>
      ending(queue.add(value, value === 2 ? { cancellation } : undefined)),
    );
    const reason = new Error('socket closed');
    cancellation.abort(reason);
    expect(await answers[1]).toBe('RW_ABORTED');
    expect(queue.waiting).toBe(2);
    clock.endTurn();
    expect(begun()).toEqual([[1, 3]]);
    await expect(queue.add(4, { cancellation })).rejects.toMatchObject({ code: 'RW_ABORTED', cause: reason });
  });

  it('is answered at once while its item runs, and the run sees it', async () => {
    const { queue, clock, last } = open();
    const cancellation = new Cancellation();
    const left = ending(queue.add(1, { cancellation }));
    const stays = queue.add(2);
    clock.endTurn();
    cancellation.abort('left');
    expect(await left).toBe('RW_ABORTED');
    // Also when the run asks only now.
    expect(last().items.map((item) => item.cancellation.aborted)).toEqual([true, false]);
    expect(last().items[0]?.cancellation.reason).toBe('left');
    last().end();
    expect(await stays).toBe(20);
  });

  it('leaves from any place of a long queue as quickly as from a short one', async () => {
    /** Milliseconds that every other one of `length` takes to leave. */
    const leave = (length: number) => {
      const { queue, last } = open({ maxSize: 1 });
      void queue.add(-1);
      const cancellations = Array.from({ length }, () => new Cancellation());
      const answers = cancellations.map((cancellation, value) => ending(queue.add(value, { cancellation })));
      const start = performance.now();
      for (let at = 0; at < cancellations.length; at += 2) cancellations[at]?.abort('left');
      return { took: performance.now() - start, queue, last, answers };
    };
    leave(1_000);
    const short = Math.max(...[0, 1, 2].map(() => leave(1_000).took));
    const { took, queue, last, answers } = leave(20_000);
    // Twenty times as many take about twenty times as long; an array would move each that is behind: four hundred times.
    expect(took).toBeLessThan(150 * short);
    expect(queue.waiting).toBe(10_000);
    last().end();
    await settle();
    expect(last().values).toEqual([1]);
    queue.abort('enough');
    last().end();
    expect((await Promise.all(answers)).filter((answer) => answer === 'RW_ABORTED').length).toBe(10_000);
  });
});

describe('an item that its caller runs alone', () => {
  /** As calls that come one after another: a run of one item that outlasts its turn. */
  const runOne = async ({ queue, clock, last }: ReturnType<typeof open>): Promise<void> => {
    const answer = queue.add(0);
    clock.endTurn();
    clock.endTurn();
    last().end();
    await answer;
  };

  it('may do so once items come one after another, while nothing else runs', async () => {
    const opened = open();
    const { queue, clock } = opened;
    expect(queue.beginAlone()).toBe(false);
    await runOne(opened);
    expect(queue.beginAlone()).toBe(true);
    expect([queue.running, queue.beginAlone()]).toEqual([1, false]);
    clock.endTurn();
    queue.endAlone();
    expect([queue.running, queue.beginAlone()]).toEqual([0, true]);
  });

  it('lets the others gather meanwhile, and gathers itself when they have come', async () => {
    const opened = open();
    const { queue, clock, begun, last } = opened;
    await runOne(opened);
    expect(queue.beginAlone()).toBe(true);
    const others = [1, 2].map((value) => queue.add(value));
    clock.endTurn();
    expect(begun()).toEqual([[0]]);
    queue.endAlone();
    expect(queue.beginAlone()).toBe(false);
    clock.endTurn();
    expect(begun()).toEqual([[0], [1, 2]]);
    last().end();
    expect(await Promise.all(others)).toEqual([10, 20]);
    expect(queue.beginAlone()).toBe(false);
  });

  it('gathers again when pairs come, although each run has one of a pair', async () => {
    const opened = open();
    const { queue, clock, begun, last } = opened;
    await runOne(opened);
    queue.beginAlone();
    const second = queue.add(2);
    clock.endTurn();
    queue.endAlone();
    clock.endTurn();
    clock.endTurn();
    last().end();
    await second;
    expect(begun()).toEqual([[0], [2]]);
    expect(queue.beginAlone()).toBe(false);
  });

  it('may not after a run that ended within its turn: who else was to come in it has not been read', async () => {
    const { queue, clock, last } = open();
    const answer = queue.add(1);
    clock.endTurn();
    last().end();
    await answer;
    expect(queue.beginAlone()).toBe(false);
  });

  it.each<Partial<BatchQueueOptions<number, number>>>([
    { maxDelay: 10 },
    { cost: () => 1 },
    { bucket: () => 'all' },
    { concurrency: 2 },
  ])('may not where there is more to it: %o', async (options) => {
    const opened = open(options);
    const answer = opened.queue.add(0);
    opened.clock.endTurn();
    opened.clock.advance(20);
    opened.clock.endTurn();
    opened.last().end();
    await answer;
    expect(opened.queue.beginAlone()).toBe(false);
  });

  it('is waited for by close, and may not begin after it', async () => {
    const opened = open();
    const { queue } = opened;
    await runOne(opened);
    expect(queue.beginAlone()).toBe(true);
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    await settle();
    expect(closed).toBe(false);
    queue.endAlone();
    await closing;
    expect(queue.beginAlone()).toBe(false);
  });
});

describe('the end', () => {
  it('close refuses what comes later, finishes what waits, and resolves when nothing is at work', async () => {
    const { queue, clock, begun, last } = open({ maxSize: 2 });
    const answers = [1, 2, 3].map((value) => queue.add(value));
    clock.endTurn();
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    await expect(queue.add(4)).rejects.toMatchObject({ code: 'RW_HANDLE_STATE' });
    last().end();
    await settle();
    expect(closed).toBe(false);
    clock.endTurn();
    expect(begun()).toEqual([[1, 2], [3]]);
    last().end();
    await closing;
    expect(await Promise.all(answers)).toEqual([10, 20, 30]);
    await queue.close();
  });

  it('close waits for a run whose callers have all left', async () => {
    const { queue, last } = open({ maxSize: 1 });
    const cancellation = new Cancellation();
    const left = ending(queue.add(1, { cancellation }));
    cancellation.abort('left');
    expect(await left).toBe('RW_ABORTED');
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    await settle();
    expect(closed).toBe(false);
    last().end();
    await closing;
  });

  it('close of an idle queue is done', async () => {
    await open().queue.close();
  });

  it('close never ends before an item that it has just begun', async () => {
    const { queue, clock, last } = open();
    const first = queue.add(1);
    const late = ending(queue.add(2, { timeout: 10 }));
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    clock.block(20);
    clock.endTurn();
    expect(await late).toBe('RW_DEADLINE');
    expect(closed).toBe(false);
    last().end();
    expect(await first).toBe(10);
    await closing;
  });

  it('abort fails what waits with its reason, and lets what runs go on', async () => {
    const { queue, clock, last } = open({ maxSize: 1, bucket: (value) => String(value) });
    const answers = [1, 2, 3].map((value) => ending(queue.add(value, { timeout: 1_000 })));
    const closing = queue.close();
    const reason = new Error('the server stops');
    queue.abort(reason);
    last().end();
    expect(await Promise.all(answers)).toEqual([10, reason, reason]);
    await closing;
    expect(clock.waitingTimers).toBe(0);
  });
});
