import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Cancellation } from '../../../src/batching/Cancellation';
import { Dispose } from '../../../src/decorators/Dispose';
import { Postprocess } from '../../../src/decorators/Postprocess';
import { Predict } from '../../../src/decorators/Predict';
import { Preprocess } from '../../../src/decorators/Preprocess';
import { Runner } from '../../../src/decorators/Runner';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { createRunner } from '../../../src/lifecycle/createRunner';
import type { LocalRunnerHandle } from '../../../src/lifecycle/LocalRunnerHandle';
import type { BatchContext } from '../../../src/metadata/contexts';
import type { BatchOptions } from '../../../src/metadata/options';
import { Unvalidated } from '../../../src/schema/Unvalidated';

interface Call {
  readonly rows: readonly number[];
  readonly context: BatchContext;
  end(outputs?: unknown): void;
  fail(error: Error): void;
}

/** What waits begins at the end of a turn that comes after preprocess. */
const turn = async (): Promise<void> => {
  await setImmediate();
  await setImmediate();
};

/** A batched runner whose calls of predict end when the test says so; without `held`, at once. */
const open = async (options: Partial<BatchOptions> = {}, held = true) => {
  const calls: Call[] = [];
  const disposed: number[] = [];
  @Runner('batched')
  class Batched {
    @Preprocess({ input: Unvalidated }) unwrap(data: number) {
      return data + 100;
    }
    @Predict({ batch: { maxSize: 4, ...options } })
    predict(_model: unknown, rows: number[], context: BatchContext): Promise<unknown[]> {
      return new Promise((resolve, fail) => {
        const end = (outputs: unknown = rows.map((row) => row * 10)) => resolve(outputs as unknown[]);
        calls.push({ rows, context, end, fail });
        if (!held) end();
      });
    }
    @Postprocess({ output: Unvalidated }) wrap(output: number) {
      return output + 1;
    }
    @Dispose() free() {
      disposed.push(calls.length);
    }
  }
  const handle = (await createRunner<number, number>(Batched, { model: 1 })) as LocalRunnerHandle<
    number,
    number
  >;
  const last = (): Call => calls.at(-1) as Call;
  return { handle, calls, last, disposed };
};

const ending = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    return RunwrightError.is(error) ? error.code : error;
  }
};

describe('a batched runner', () => {
  it('puts concurrent calls of run and runMany into one call of predict', async () => {
    const { handle, calls } = await open({ maxSize: 8 }, false);
    const [one, two, many] = await Promise.all([handle.run(1), handle.run(2), handle.runMany([3, 4])]);
    expect([one, two]).toEqual([1011, 1021]);
    expect(many).toEqual([
      { ok: true, value: 1031 },
      { ok: true, value: 1041 },
    ]);
    expect(calls.map(({ rows }) => rows)).toEqual([[101, 102, 103, 104]]);
  });

  it('gathers while predict is busy, and never has two at work', async () => {
    const { handle, calls, last } = await open();
    const first = handle.run(1);
    await turn();
    const rest = [2, 3, 4, 5, 6].map((value) => handle.run(value));
    await turn();
    expect(calls.length).toBe(1);
    for (let batch = 1; batch <= 3; batch += 1) {
      last().end();
      await turn();
    }
    expect(calls.map(({ rows }) => rows.length)).toEqual([1, 4, 1]);
    expect(await Promise.all([first, ...rest])).toEqual([1011, 1021, 1031, 1041, 1051, 1061]);
  });

  it('answers calls one after another without waiting for others, and gathers again when they come', async () => {
    const { handle, calls, last } = await open();
    const next = async (input: number): Promise<unknown> => {
      const answer = ending(handle.run(input));
      await turn();
      // Predict outlasts the turn that it began in.
      await turn();
      last().end();
      return answer;
    };
    expect([await next(1), await next(2)]).toEqual([1011, 1021]);
    const alone = handle.run(3);
    // Promises alone: the turn has not ended.
    for (let step = 0; step < 20; step += 1) await Promise.resolve();
    expect(calls.map(({ rows }) => rows)).toEqual([[101], [102], [103]]);
    const others = [4, 5].map((input) => handle.run(input));
    await turn();
    last().end();
    expect(await alone).toBe(1031);
    await turn();
    last().end();
    expect(await Promise.all(others)).toEqual([1041, 1051]);
    expect(calls.slice(3).map(({ rows }) => rows)).toEqual([[104, 105]]);
  });

  it('fails a call that came by itself as any other', async () => {
    const { handle, last } = await open();
    const answers: unknown[] = [];
    for (const end of [
      () => last().end(),
      () => last().end([new Error('no answer')]),
      () => last().fail(new Error('broken')),
      () => last().end([1, 2]),
      () => last().end(),
    ]) {
      const answer = ending(handle.run(1));
      await turn();
      await turn();
      end();
      answers.push(await answer);
    }
    expect(answers).toEqual([1011, 'RW_STAGE_FAILED', 'RW_STAGE_FAILED', 'RW_BATCH_COUNT', 1011]);
    await handle.close();
  });

  it('answers many more inputs than a batch holds, in full batches', async () => {
    const { handle, calls } = await open({ maxSize: 16 }, false);
    const outcomes = await handle.runMany(Array.from({ length: 1_000 }, (_, index) => index));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => (index + 100) * 10 + 1),
    );
    expect(calls.length).toBe(Math.ceil(1_000 / 16));
  });

  it('keeps to cost and buckets', async () => {
    const costs = await open({ maxSize: 8, cost: (row: number) => row - 100, maxCost: 5 }, false);
    await costs.handle.runMany([2, 3, 4, 9, 1]);
    expect(costs.calls.map(({ rows }) => rows)).toEqual([[102, 103], [104], [109], [101]]);
    const buckets = await open({ maxSize: 8, bucket: (row: number) => (row % 2 ? 'odd' : 'even') }, false);
    await buckets.handle.runMany([1, 2, 3, 4]);
    expect(buckets.calls.map(({ rows }) => rows)).toEqual([
      [101, 103],
      [102, 104],
    ]);
  });

  it('puts equal shapes together', async () => {
    const seen: number[][][] = [];
    @Runner()
    class Shapes {
      @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 8, bucket: 'shape' } })
      predict(_model: unknown, rows: number[][]) {
        seen.push(rows);
        return rows.map(({ length }) => length);
      }
    }
    const handle = await createRunner<number[], number>(Shapes);
    await handle.runMany([[1], [1, 2], [2], [3, 4]]);
    expect(seen).toEqual([
      [[1], [2]],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });

  it('fails one item alone when its cost or bucket cannot be told', async () => {
    const fault = new Error('no tokens');
    const cost = (row: number): number => {
      if (row === 102) throw fault;
      return row === 103 ? NaN : 1;
    };
    const { handle, calls } = await open({ cost, maxCost: 4 }, false);
    const outcomes = await handle.runMany([1, 2, 3, 4]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, false, true]);
    expect(calls.map(({ rows }) => rows)).toEqual([[101, 104]]);
    const where = 'Batched.predict';
    expect(outcomes[1]).toMatchObject({ error: { code: 'RW_STAGE_FAILED', where, cause: fault } });
    expect(outcomes[2]).toMatchObject({ error: { code: 'RW_STAGE_FAILED', what: '`batch.cost` gave NaN' } });
    const bucket = (() => 5) as unknown as () => string;
    const named = await open({ bucket }, false);
    expect(await named.handle.runMany([1])).toMatchObject([{ error: { what: '`batch.bucket` gave 5' } }]);
  });
});

describe('a batch that fails', () => {
  const failing = async (bad: readonly number[], seen: number[][] = []) => {
    @Runner()
    class Failing {
      @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 8 } })
      predict(_model: unknown, rows: number[]) {
        seen.push(rows);
        if (rows.some((row) => bad.includes(row))) throw new Error('bad row');
        return rows;
      }
    }
    return { handle: await createRunner<number, number>(Failing), seen };
  };

  it('is halved until the bad items fail alone, also those of different callers', async () => {
    const { handle, seen } = await failing([3, 6]);
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((row) => ending(handle.run(row))));
    expect(answers).toEqual([1, 2, 'RW_STAGE_FAILED', 4, 5, 'RW_STAGE_FAILED', 7, 8]);
    expect(seen[0]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // Both halves fail.
    expect(seen.length).toBe(1 + 2 + 8);
  });

  it('costs one path down for one bad item, and three calls more than items for a broken model', async () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8];
    const one = await failing([3]);
    const outcomes = await one.handle.runMany(rows);
    expect(outcomes.map(({ ok }) => ok)).toEqual(rows.map((row) => row !== 3));
    expect(one.seen.length).toBe(1 + 2 * Math.log2(8));
    const broken = await failing(rows);
    expect((await broken.handle.runMany(rows)).some(({ ok }) => ok)).toBe(false);
    expect(broken.seen.length).toBe(8 + 3);
  });

  it('fails its item alone where an Error stands among the outputs', async () => {
    const { handle, calls, last } = await open();
    const answers = [1, 2, 3].map((value) => ending(handle.run(value)));
    await turn();
    const cause = new TypeError('unreadable');
    last().end([1, cause, 3]);
    expect(await Promise.all(answers)).toEqual([2, 'RW_STAGE_FAILED', 4]);
    expect(calls.length).toBe(1);
  });

  it('fails as a whole, without halving, when the number of outputs is wrong', async () => {
    const { handle, calls, last } = await open();
    const answers = [1, 2, 3].map((value) => ending(handle.run(value)));
    await turn();
    last().end([1, 2]);
    expect(await Promise.all(answers)).toEqual(['RW_BATCH_COUNT', 'RW_BATCH_COUNT', 'RW_BATCH_COUNT']);
    expect(calls.length).toBe(1);
  });

  it('is not tried again for callers that have left', async () => {
    const { handle, calls, last } = await open();
    const controller = new AbortController();
    const left = ending(handle.run(1, { signal: controller.signal }));
    const stays = [2, 3].map((value) => ending(handle.run(value)));
    await turn();
    controller.abort();
    expect(await left).toBe('RW_ABORTED');
    last().fail(new Error('bad row'));
    await turn();
    expect(last().rows).toEqual([102]);
    last().end();
    await turn();
    last().end();
    expect(await Promise.all(stays)).toEqual([1021, 1031]);
    expect(calls.map(({ rows }) => rows)).toEqual([[101, 102, 103], [102], [103]]);
  });
});

describe('a caller of a batched runner that leaves', () => {
  it('is taken out while it waits', async () => {
    const { handle, calls, last } = await open({ maxSize: 1 });
    const first = handle.run(1);
    await turn();
    const controller = new AbortController();
    const left = ending(handle.run(2, { signal: controller.signal }));
    await turn();
    controller.abort();
    expect(await left).toBe('RW_ABORTED');
    last().end();
    expect(await first).toBe(1011);
    await turn();
    expect(calls.length).toBe(1);
  });

  it('fires its own signal, and the one of the batch when it was the last', async () => {
    const { handle, last } = await open();
    const cancellation = new Cancellation();
    const controller = new AbortController();
    const answers = [
      ending(handle.run(1, { cancellation })),
      ending(handle.run(2, { signal: controller.signal })),
    ];
    await turn();
    const { context } = last();
    const { signal } = context;
    cancellation.abort('left');
    expect(context.items.map((item) => item.signal.aborted)).toEqual([true, false]);
    expect(signal.aborted).toBe(false);
    controller.abort('left too');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('left too');
    expect(await Promise.all(answers)).toEqual(['RW_ABORTED', 'RW_ABORTED']);
  });

  it('leaves the signal of the batch alone while one stays that cannot leave', async () => {
    const { handle, last } = await open();
    const controller = new AbortController();
    const left = ending(handle.run(1, { signal: controller.signal }));
    const stays = handle.run(2);
    await turn();
    const { signal } = last().context;
    controller.abort();
    expect(await left).toBe('RW_ABORTED');
    expect(signal.aborted).toBe(false);
    last().end();
    expect(await stays).toBe(1021);
  });

  it('does not let close dispose of the model while predict is at work', async () => {
    const { handle, last, disposed } = await open();
    const controller = new AbortController();
    const left = ending(handle.run(1, { signal: controller.signal }));
    await turn();
    controller.abort();
    expect(await left).toBe('RW_ABORTED');
    const closing = handle.close();
    await turn();
    expect(disposed).toEqual([]);
    last().end();
    await closing;
    expect(disposed).toEqual([1]);
  });
});

describe('timeout', () => {
  const slow = async () => {
    const seen: AbortSignal[] = [];
    @Runner()
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated })
      predict(_model: unknown, _data: unknown, { signal }: { signal: AbortSignal }): Promise<string> {
        seen.push(signal);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve('too late')));
      }
    }
    return { handle: await createRunner<number, string>(Slow), seen };
  };

  it('ends run and runMany with RW_DEADLINE and fires the signal', async () => {
    const { handle, seen } = await slow();
    await expect(handle.run(1, { timeout: 5 })).rejects.toMatchObject({
      code: 'RW_DEADLINE',
      where: 'Slow',
      what: 'there was no answer within 5 ms',
    });
    expect(seen[0]?.aborted).toBe(true);
    expect(seen[0]?.reason).toMatchObject({ code: 'RW_DEADLINE' });
    const outcomes = await handle.runMany([1, 2, 3], { timeout: 5, concurrency: 2 });
    expect(outcomes.map((outcome) => !outcome.ok && outcome.error.code)).toEqual(
      new Array(3).fill('RW_DEADLINE'),
    );
    expect(seen.length).toBe(3);
    await handle.close();
  });

  it('takes what waits for a batch out of the queue', async () => {
    const { handle, calls, last } = await open({ maxSize: 1 });
    const first = handle.run(1);
    await turn();
    expect(await ending(handle.run(2, { timeout: 5 }))).toBe('RW_DEADLINE');
    last().end();
    await first;
    await handle.close();
    expect(calls.length).toBe(1);
  });

  it('ends a stream', async () => {
    let ended = false;
    @Runner()
    class Counts {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async *predict(_model: unknown, _data: unknown, { signal }: { signal: AbortSignal }) {
        try {
          yield 1;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          yield 2;
        } finally {
          ended = true;
        }
      }
    }
    const handle = await createRunner<number, number>(Counts);
    const items: unknown[] = [];
    const all = (async () => {
      for await (const item of handle.stream(1, { timeout: 10 })) items.push(item);
    })();
    expect(await ending(all)).toBe('RW_DEADLINE');
    expect(items).toEqual([1]);
    await handle.close();
    expect(ended).toBe(true);
  });

  it('leaves an answer in time alone, with a signal beside it', async () => {
    const { handle } = await open({}, false);
    const { signal } = new AbortController();
    expect(await handle.run(1, { timeout: 60_000, signal })).toBe(1011);
    // Longer than Node's timers can wait.
    expect(await handle.run(1, { timeout: 1e12 })).toBe(1011);
    await handle.close();
  });

  it('is a positive number', async () => {
    const { handle } = await open({}, false);
    for (const timeout of [0, -1, NaN, Infinity, '5' as never]) {
      await expect(handle.run(1, { timeout })).rejects.toMatchObject({
        code: 'RW_OPTION_INVALID',
        where: 'Batched, option `timeout`',
      });
    }
    await handle.close();
  });
});
