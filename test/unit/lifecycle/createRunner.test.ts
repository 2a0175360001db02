import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsInt, IsNumber, Max } from 'class-validator';
import { describe, expect, it, vi } from 'vitest';
import { Dispose } from '../../../src/decorators/Dispose';
import { Load } from '../../../src/decorators/Load';
import { Postprocess } from '../../../src/decorators/Postprocess';
import { Predict } from '../../../src/decorators/Predict';
import { Preprocess } from '../../../src/decorators/Preprocess';
import { Runner } from '../../../src/decorators/Runner';
import { Save } from '../../../src/decorators/Save';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { createRunner } from '../../../src/lifecycle/createRunner';
import type { Artifacts, LoadContext, Props, RunContext } from '../../../src/metadata/contexts';
import { saveValue } from '../../../src/models/value/saveValue';
import { Unvalidated } from '../../../src/schema/Unvalidated';

class Input {
  @IsNumber() value!: number;
}
class Output {
  @IsInt() @Max(100) result!: number;
}

@Runner()
class Doubler {
  @Preprocess({ input: Input }) unwrap(data: Input) {
    return data.value;
  }
  @Predict() predict(model: { factor: number }, value: number) {
    return value * model.factor;
  }
  @Postprocess({ output: Output }) wrap(result: number): Output {
    return { result };
  }
}

const rejection = async (work: Promise<unknown>): Promise<RunwrightError> => {
  const error: unknown = await work.then(
    () => 'no rejection',
    (reason: unknown) => reason,
  );
  if (!RunwrightError.is(error)) throw new Error(`not a RunwrightError: ${String(error)}`);
  return error;
};

const deferred = () => {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
};

describe('run', () => {
  it('goes through validation, the stages, and validation again', async () => {
    const handle = await createRunner<Input, Output>(Doubler, { model: { factor: 2 } });
    expect(handle.state).toBe('ready');
    const output = await handle.run({ value: 21 });
    expect(output).toEqual({ result: 42 });
    expect(output).toBeInstanceOf(Output);
    await handle.close();
    expect(handle.state).toBe('closed');
  });

  it('refuses bad input as data, bad output as the runner’s fault, and says where', async () => {
    const handle = await createRunner<unknown, Output>(Doubler, { model: { factor: 2 } });
    const input = await rejection(handle.run({ value: '21' }));
    expect(input).toMatchObject({
      code: 'RW_INPUT_INVALID',
      kind: 'data',
      issues: [{ path: 'value', constraint: 'isNumber', received: 'string' }],
    });
    const output = await rejection(handle.run({ value: 51 }));
    expect(output).toMatchObject({ code: 'RW_OUTPUT_INVALID', kind: 'runtime', where: 'Doubler.wrap' });
    expect(output).toMatchObject({ issues: [{ path: 'result', constraint: 'max' }] });
  });

  it('says which method failed and keeps what it threw', async () => {
    const cause = new TypeError('no factor');
    @Runner()
    class Fails {
      @Predict({ input: Unvalidated, output: Unvalidated }) explode(): never {
        throw cause;
      }
    }
    const handle = await createRunner(Fails);
    const error = await rejection(handle.run(1));
    expect(error).toMatchObject({ code: 'RW_STAGE_FAILED', where: 'Fails.explode', cause });
    expect(error.message).toContain('TypeError: no factor');
    expect(handle.state).toBe('ready');
  });

  it('runs static and async stages, and passes the absent ones by', async () => {
    @Runner()
    class Static {
      @Predict({ input: Unvalidated, output: Unvalidated })
      static async predict(model: string, data: string) {
        return Promise.resolve(model + data);
      }
    }
    const handle = await createRunner<string, string>(Static, { model: 'a' });
    expect(await handle.run('b')).toBe('ab');
  });

  it('uses the instance that is given, and its methods as they are at the call', async () => {
    @Runner()
    class Injected {
      constructor(private readonly greeting: string) {}
      @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, name: string) {
        return `${this.greeting} ${name}`;
      }
    }
    const instance = new Injected('hello');
    const handle = await createRunner<string, string>(Injected, { instance });
    expect(await handle.run('you')).toBe('hello you');
    vi.spyOn(instance, 'predict').mockReturnValue('spied');
    expect(await handle.run('you')).toBe('spied');
    expect(await rejection(createRunner(Injected, { instance: {} }))).toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
  });

  it('says what to do about a constructor that needs arguments', async () => {
    @Runner()
    class Needy {
      readonly length: number;
      constructor(text: string) {
        this.length = text.length;
      }
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {}
    }
    const error = await rejection(createRunner(Needy));
    expect(error).toMatchObject({ code: 'RW_STAGE_FAILED', where: 'Needy.constructor' });
    expect(error.hint).toContain('instance: new Needy(...)');
  });

  it('gives every request an id and a signal of its own', async () => {
    const seen: RunContext[] = [];
    @Runner()
    class Sees {
      @Predict({ input: Unvalidated, output: Unvalidated })
      predict(_model: unknown, _data: unknown, context: RunContext) {
        seen.push(context);
      }
    }
    const handle = await createRunner(Sees);
    await handle.run(1);
    await handle.run(1);
    await handle.run(1, { requestId: 'mine' });
    const [a, b, c] = seen;
    expect(a?.requestId).not.toBe(b?.requestId);
    expect(a?.requestId).toBe(a?.requestId);
    expect(a?.signal).not.toBe(b?.signal);
    expect(c?.requestId).toBe('mine');
    expect(a?.signal.aborted).toBe(false);
  });
});

describe('the signal', () => {
  it('rejects at once, reaches the stage, and lets the stage end', async () => {
    const ended = deferred();
    let seen: AbortSignal | undefined;
    @Runner()
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, _data: unknown, { signal }: RunContext) {
        seen = signal;
        await ended.promise;
      }
    }
    const handle = await createRunner(Slow);
    const controller = new AbortController();
    const running = rejection(handle.run(1, { signal: controller.signal }));
    await Promise.resolve();
    controller.abort('enough');
    expect(await running).toMatchObject({ code: 'RW_ABORTED', cause: 'enough' });
    expect(seen?.aborted).toBe(true);
    let closed = false;
    const closing = handle.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(false);
    ended.resolve();
    await closing;
    expect(handle.state).toBe('closed');
  });

  it('that has fired already runs nothing', async () => {
    const predict = vi.fn();
    @Runner()
    class Never {
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {
        predict();
      }
    }
    const handle = await createRunner(Never);
    expect(await rejection(handle.run(1, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'RW_ABORTED',
    });
    await handle.close();
    expect(predict).not.toHaveBeenCalled();
  });

  it('stops between two stages', async () => {
    const controller = new AbortController();
    const predict = vi.fn();
    @Runner()
    class Between {
      @Preprocess({ input: Unvalidated }) prepare() {
        controller.abort();
      }
      @Predict({ output: Unvalidated }) predict() {
        predict();
      }
    }
    const handle = await createRunner(Between);
    expect(await rejection(handle.run(1, { signal: controller.signal }))).toMatchObject({
      code: 'RW_ABORTED',
    });
    await handle.close();
    expect(predict).not.toHaveBeenCalled();
  });
});

describe('loading', () => {
  @Runner()
  class Loads {
    @Load() load(props: Props | null, artifacts: Artifacts, { directory }: LoadContext) {
      return { props, artifacts, directory };
    }
    @Predict({ input: Unvalidated, output: Unvalidated }) predict(model: unknown) {
      return model;
    }
  }

  it('gives @Load props, absolute artifacts and an absolute directory', async () => {
    const handle = await createRunner(Loads, {
      props: { a: 'b' },
      artifacts: { 'x.txt': 'y/x.txt' },
      directory: 'models',
    });
    expect(await handle.run(0)).toEqual({
      props: { a: 'b' },
      artifacts: { 'x.txt': join(process.cwd(), 'y/x.txt') },
      directory: join(process.cwd(), 'models'),
    });
  });

  it('says so when @Load asks for a directory that was not given', async () => {
    expect(await rejection(createRunner(Loads))).toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: 'Loads.load',
    });
  });

  it('refuses props that are not strings, by name', async () => {
    const error = await rejection(createRunner(Loads, { props: { depth: 3 } as never, directory: '.' }));
    expect(error).toMatchObject({ code: 'RW_PROPS_INVALID' });
    expect(error.message).toContain('"depth" is number');
  });

  it('fails as a whole when @Load throws', async () => {
    @Runner()
    class Broken {
      @Load() load(): never {
        throw new Error('no weights');
      }
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {}
    }
    expect(await rejection(createRunner(Broken))).toMatchObject({
      code: 'RW_STAGE_FAILED',
      where: 'Broken.load',
    });
  });

  it('reads what the default saver wrote, when there is no @Load', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'runwright-test-'));
    try {
      expect(await rejection(createRunner(Doubler, { directory }))).toMatchObject({
        code: 'RW_MODEL_FILE_INVALID',
      });
      await saveValue({ factor: 3 }, directory);
      const handle = await createRunner(Doubler, { directory });
      expect(await handle.run({ value: 5 })).toEqual({ result: 15 });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('skips @Save and @Load when a model is given', async () => {
    @Runner()
    class Both {
      @Save() save(): Props {
        throw new Error('saved');
      }
      @Load() load(): never {
        throw new Error('loaded');
      }
      @Predict({ input: Unvalidated, output: Unvalidated }) predict(model: unknown) {
        return model;
      }
    }
    expect(await (await createRunner(Both, { model: 7 })).run(0)).toBe(7);
  });
});

describe('runMany', () => {
  it('gives one outcome per input, in order', async () => {
    const handle = await createRunner<unknown, Output>(Doubler, { model: { factor: 1 } });
    const outcomes = await handle.runMany([{ value: 1 }, { value: 'x' }, { value: 3 }]);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.value.result : outcome.error.code))).toEqual([
      1,
      'RW_INPUT_INVALID',
      3,
    ]);
  });

  it('keeps to the concurrency that is asked for', async () => {
    let under = 0;
    let most = 0;
    @Runner()
    class Counts {
      @Predict({ input: Unvalidated, output: Unvalidated }) async predict() {
        most = Math.max(most, (under += 1));
        await new Promise((resolve) => setTimeout(resolve, 2));
        under -= 1;
      }
    }
    const handle = await createRunner(Counts);
    await handle.runMany(Array.from({ length: 20 }), { concurrency: 3 });
    expect(most).toBe(3);
  });

  const sizes: number[] = [];
  @Runner()
  class Batched {
    @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 4 } })
    predict(_model: unknown, items: number[]) {
      sizes.push(items.length);
      if (items.includes(13)) throw new Error('unlucky');
      return items.map((item) => item * 2);
    }
  }

  it('batches where predict does, and a bad item fails alone', async () => {
    sizes.length = 0;
    const handle = await createRunner<number, number>(Batched);
    const outcomes = await handle.runMany([1, 2, 13, 4, 5, 6]);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error.where))).toEqual([
      2,
      4,
      'Batched.predict',
      8,
      10,
      12,
    ]);
    expect(Math.max(...sizes)).toBe(4);
    expect(await handle.run(8)).toBe(16);
  });

  it('fails loudly with both counts when a batch comes back with another length', async () => {
    @Runner()
    class Loses {
      @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 8 } }) predict(
        _model: unknown,
        items: number[],
      ) {
        return items.slice(1);
      }
    }
    const handle = await createRunner<number, number>(Loses);
    const outcomes = await handle.runMany([1, 2, 3]);
    expect(outcomes.every((outcome) => !outcome.ok && outcome.error.code === 'RW_BATCH_COUNT')).toBe(true);
    const [first] = outcomes;
    expect(first && !first.ok && first.error.message).toContain('got 3 inputs and returned 2 outputs');
  });
});

describe('runMany and its options', () => {
  it('refuses a concurrency that would answer nothing', async () => {
    const handle = await createRunner<unknown, Output>(Doubler, { model: { factor: 1 } });
    for (const concurrency of [0, -1, 1.5, NaN, Infinity]) {
      expect(await rejection(handle.runMany([{ value: 1 }], { concurrency }))).toMatchObject({
        code: 'RW_OPTION_INVALID',
      });
    }
  });

  it.each([false, true])(
    'answers at once when the signal fires, keeping what was answered (batch: %s)',
    async (batched) => {
      const gate = deferred();
      const predict = async (item: number): Promise<number> => {
        if (item === 2) await gate.promise;
        return item;
      };
      @Runner()
      class Waits {
        @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, item: number) {
          return predict(item);
        }
      }
      @Runner()
      class WaitsInBatches {
        @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 1 } }) async predict(
          _model: unknown,
          items: number[],
        ) {
          return Promise.all(items.map(predict));
        }
      }
      const handle = await createRunner<number, number>(batched ? WaitsInBatches : Waits);
      const controller = new AbortController();
      const running = handle.runMany([1, 2, 3], { signal: controller.signal, concurrency: 1 });
      await new Promise((resolve) => setTimeout(resolve, 10));
      controller.abort();
      const codes = (await running).map((outcome) => (outcome.ok ? outcome.value : outcome.error.code));
      expect(codes).toEqual([1, 'RW_ABORTED', 'RW_ABORTED']);
      gate.resolve();
      await handle.close();
    },
  );
});

describe('stream', () => {
  const events: string[] = [];
  @Runner()
  class Counter {
    @Predict({ input: Unvalidated }) async *count(_model: unknown, upTo: number, { signal }: RunContext) {
      signal.addEventListener('abort', () => events.push('abort'));
      try {
        for (let at = 1; at <= upTo; at += 1) yield await Promise.resolve(at);
      } finally {
        events.push('end');
      }
    }
    @Postprocess({ output: Output }) wrap(result: number): Output {
      return { result };
    }
  }

  const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  };

  it('postprocesses and validates every item', async () => {
    const handle = await createRunner<number, Output>(Counter);
    expect(await collect(handle.stream(3))).toEqual([{ result: 1 }, { result: 2 }, { result: 3 }]);
    expect(await rejection(collect(handle.stream(101)))).toMatchObject({ code: 'RW_OUTPUT_INVALID' });
  });

  it('ends the generator, and fires its signal, when the consumer leaves', async () => {
    events.length = 0;
    const handle = await createRunner<number, Output>(Counter);
    for await (const { result } of handle.stream(50)) if (result === 2) break;
    expect(events).toEqual(['abort', 'end']);
    await handle.close();
  });

  it('rejects at once when the caller’s signal fires, and close still waits for the generator', async () => {
    const ended = deferred();
    @Runner()
    class Stuck {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *items() {
        yield 1;
        await ended.promise;
      }
    }
    const handle = await createRunner<number, number>(Stuck);
    const controller = new AbortController();
    const items = handle.stream(0, { signal: controller.signal });
    expect((await items.next()).value).toBe(1);
    const next = rejection(items.next());
    controller.abort();
    expect(await next).toMatchObject({ code: 'RW_ABORTED' });
    let closed = false;
    const closing = handle.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(false);
    ended.resolve();
    await closing;
  });

  it('says which call fits the runner', async () => {
    const streams = await createRunner<number, Output>(Counter);
    expect(await rejection(streams.run(1))).toMatchObject({ code: 'RW_STREAM_MISMATCH' });
    const plain = await createRunner<unknown, Output>(Doubler, { model: { factor: 1 } });
    expect(await rejection(collect(plain.stream({ value: 1 })))).toMatchObject({
      code: 'RW_STREAM_MISMATCH',
    });
  });

  it('names predict when the generator throws, or is none', async () => {
    @Runner()
    class Bad {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *items() {
        yield await Promise.resolve(1);
        throw new Error('half-way');
      }
    }
    expect(await rejection(collect((await createRunner(Bad)).stream(0)))).toMatchObject({
      code: 'RW_STAGE_FAILED',
      where: 'Bad.items',
    });
    @Runner()
    class NoStream {
      @Predict({ input: Unvalidated, output: Unvalidated, stream: true }) items() {
        return 3 as never;
      }
    }
    expect(await rejection(collect((await createRunner(NoStream)).stream(0)))).toMatchObject({
      code: 'RW_STREAM_MISMATCH',
    });
  });
});

describe('what JavaScript users get wrong', () => {
  it('is refused before a call counts as running, so that close never waits for it', async () => {
    const handle = await createRunner<unknown, Output>(Doubler, { model: { factor: 1 } });
    for (const inputs of [undefined, null, 5, 'abc', {}, new Set()]) {
      expect(await rejection(handle.runMany(inputs as never))).toMatchObject({ code: 'RW_OPTION_INVALID' });
    }
    for (const options of [{ signal: {} }, { signl: new AbortController().signal }, 5]) {
      expect(await rejection(handle.run({ value: 1 }, options as never))).toMatchObject({
        code: 'RW_OPTION_INVALID',
      });
    }
    const outcomes = await handle.runMany(Object.assign(new Array<unknown>(2), { 1: { value: 1 } }));
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
    await handle.close();
  });

  it('is named with the option and what was received', async () => {
    for (const options of [null, { directory: 5 }, { artifacts: { a: 5 } }, { artefacts: {} }]) {
      const error = await rejection(createRunner(Doubler, options as never));
      expect(error).toMatchObject({ code: 'RW_OPTION_INVALID' });
      expect(error.where).toContain('createRunner');
    }
  });
});

describe('a signal', () => {
  it('may be shared by any number of calls without a warning', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', listen);
    const { signal } = new AbortController();
    const handle = await createRunner<unknown, Output>(Doubler, { model: { factor: 1 } });
    await Promise.all(Array.from({ length: 50 }, () => handle.run({ value: 1 }, { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('that fires between two items ends a stream that nobody asks for more', async () => {
    let ended = false;
    @Runner()
    class Endless {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *items() {
        try {
          for (;;) yield await Promise.resolve(1);
        } finally {
          ended = true;
        }
      }
    }
    const handle = await createRunner<number, number>(Endless);
    const controller = new AbortController();
    const items = handle.stream(0, { signal: controller.signal });
    await items.next();
    controller.abort();
    await handle.close();
    expect(ended).toBe(true);
    expect(await rejection(items.next())).toMatchObject({ code: 'RW_ABORTED' });
  });
});

describe('close', () => {
  it('waits for running work, disposes exactly once, and refuses what comes later', async () => {
    const gate = deferred();
    const disposed: unknown[] = [];
    @Runner()
    class Held {
      @Predict({ input: Unvalidated, output: Unvalidated }) async predict() {
        await gate.promise;
        return disposed.length;
      }
      @Dispose() free(model: unknown) {
        disposed.push(model);
      }
    }
    const handle = await createRunner(Held, { model: 'm' });
    const running = handle.run(0);
    const closing = [handle.close(), handle.close()];
    expect(handle.state).toBe('closing');
    expect(await rejection(handle.run(0))).toMatchObject({ code: 'RW_HANDLE_STATE' });
    gate.resolve();
    expect(await running).toBe(0);
    await Promise.all(closing);
    await handle.close();
    expect(disposed).toEqual(['m']);
    expect(handle.state).toBe('closed');
  });

  it('reports a @Dispose that throws, once', async () => {
    @Runner()
    class Stays {
      @Predict({ input: Unvalidated, output: Unvalidated }) predict() {}
      @Dispose() free(): void {
        throw new Error('stuck');
      }
    }
    const handle = await createRunner(Stays);
    expect(await rejection(handle.close())).toMatchObject({ code: 'RW_STAGE_FAILED', where: 'Stays.free' });
    expect(handle.state).toBe('failed');
  });
});
