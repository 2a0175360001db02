import { describe, expect, it } from 'vitest';
import type { ExchangeRequest } from '../../src/server/exchange/ExchangeRequest';
import { Cancellation } from '../../src/batching/Cancellation';
import { RunwrightError } from '../../src/errors/RunwrightError';
import type { RunnerHandle } from '../../src/lifecycle/RunnerHandle';
import { createServer } from '../../src/server/createServer';
import { makeTensor } from '../../src/schema/makeTensor';
import { probeLog, until, withProbe } from './workerProbe';

const request = (value: unknown, more: Partial<ExchangeRequest> = {}): ExchangeRequest => ({
  door: 'native',
  form: 'json',
  body: Buffer.from(JSON.stringify(value)),
  stream: 'ndjson',
  modelName: 'probe',
  ...more,
});

describe.each(['process', 'thread'] as const)('a runner in a %s', (execution) => {
  it('runs elsewhere, and values come back as they were', async () => {
    await withProbe({ execution, threads: 3 }, async (handle) => {
      expect(handle.state).toBe('ready');
      const facts = (await handle.run({ do: 'facts' }, { requestId: 'r1' })) as Record<string, unknown>;
      expect(facts).toMatchObject({ threads: 3, requestId: 'r1' });
      if (execution === 'process') {
        expect(facts).toMatchObject({ omp: '3', pid: handle.workerStates()[0]?.pid });
        expect(facts['pid']).not.toBe(process.pid);
      } else {
        expect(facts['pid']).toBe(process.pid);
        expect(facts['threadId']).not.toBe(0);
      }
      const value = {
        rows: [1, { some: new Float32Array([1, 2]) }],
        when: new Date(0),
        big: 12n ** 30n,
        none: undefined,
        sparse: [, 1], // eslint-disable-line no-sparse-arrays
      };
      expect(await handle.run({ do: 'echo', value })).toEqual(value);
      const tensor = makeTensor('float32', new Float32Array([1, 2, 3, 4]), [2, 2]);
      const back = (await handle.run({ do: 'echo', value: [tensor] })) as (typeof tensor)[];
      expect(back[0]).toBeInstanceOf(tensor.constructor);
      expect(back[0]).toMatchObject({ type: 'float32', dims: [2, 2], data: tensor.data });
    });
    expect(probeLog().at(-1)).toBe('disposed');
  });

  it('is described as it would be here', async () => {
    await withProbe({ execution, runner: 'count' }, (handle) => {
      const { definition } = handle;
      expect(definition).toMatchObject({
        name: 'count',
        className: 'CountRunner',
        stream: true,
        oip: { batch: true },
      });
      expect(definition.input).toMatchObject({ kind: 'unvalidated' });
      expect(definition.input.jsonSchema()).toEqual({ $schema: expect.any(String) as string });
      expect(Object.isFrozen(definition) && Object.isFrozen(definition.input)).toBe(true);
      return Promise.resolve();
    });
  });

  it('gives errors with all their parts', async () => {
    await withProbe({ execution }, async (handle) => {
      await expect(handle.run({ do: 'throw' })).rejects.toMatchObject({
        code: 'RW_STAGE_FAILED',
        where: 'ProbeRunner.predict',
        what: 'predict failed: RangeError: out of tune',
        cause: { name: 'RangeError', message: 'out of tune' },
      });
      await expect(handle.run({ do: 'function' })).rejects.toMatchObject({
        code: 'RW_OUTPUT_INVALID',
        issues: [{ path: '', constraint: 'cloneable', received: 'function' }],
      });
      await expect(handle.run({ do: () => 1 })).rejects.toMatchObject({ code: 'RW_INPUT_INVALID' });
      const outcomes = await handle.runMany([{ do: 'echo', value: 1 }, { do: 'throw' }, { do: 'function' }]);
      expect(outcomes).toMatchObject([
        { ok: true, value: 1 },
        { ok: false, error: { code: 'RW_STAGE_FAILED' } },
        { ok: false, error: { code: 'RW_OUTPUT_INVALID' } },
      ]);
      await expect(handle.stream({ do: 'echo' }).next()).rejects.toMatchObject({
        code: 'RW_STREAM_MISMATCH',
      });
      await expect(handle.run({ do: 'echo' }, { timeout: -1 })).rejects.toMatchObject({
        code: 'RW_OPTION_INVALID',
      });
    });
  });

  it('is left whole by errors that are odd, of its code and of its callers', async () => {
    await withProbe({ execution }, async (handle) => {
      await handle.run({ do: 'sleep', ms: 30 });
      const other = handle.run({ do: 'sleep', ms: 200, value: 'other' });
      for (const value of ['bigint', 'circle', 'getter', 'proxy']) {
        const thrown = handle.run({ do: 'throw odd', value });
        await expect(thrown).rejects.toMatchObject({ code: 'RW_STAGE_FAILED' });
      }
      const reasons = [
        Object.assign(new Error('x'), { message: 10n }),
        new Proxy(new Error('x'), { get: () => expect.fail() }),
        new Error('x'.repeat(70 * 1024 * 1024)),
      ];
      for (const reason of reasons) {
        const controller = new AbortController();
        const left = handle.run({ do: 'sleep', ms: 60_000 }, { signal: controller.signal });
        setTimeout(() => controller.abort(reason), 20);
        await expect(left.catch((error: RunwrightError) => error.code)).resolves.toBe('RW_ABORTED');
      }
      expect(await other).toBe('other');
      await until(() => handle.workerStates()[0]?.outstanding === 0);
      expect(handle.workerStates()).toMatchObject([{ restarts: 0, status: 'ready' }]);
    });
  });

  it('fails to load as it would here', async () => {
    const load = withProbe({ execution, workers: 2, environment: { PROBE_FAULT: 'throw' } }, () =>
      Promise.resolve(),
    );
    await expect(load).rejects.toMatchObject({
      code: 'RW_STAGE_FAILED',
      where: 'ProbeRunner.load',
      cause: { name: 'TypeError', message: 'no such weights' },
    });
    await expect(load.catch(RunwrightError.is)).resolves.toBe(true);
    const gone = withProbe({ execution, environment: { PROBE_FAULT: 'exit' } }, () => Promise.resolve());
    await expect(gone).rejects.toMatchObject({
      code: 'RW_WORKER_FAILED',
      what: expect.stringContaining('exit code 7') as string,
    });
  });

  it('closes with what @Dispose threw', async () => {
    const closed = withProbe({ execution, environment: { PROBE_FAULT: 'dispose' } }, () => Promise.resolve());
    await expect(closed).rejects.toMatchObject({ code: 'RW_STAGE_FAILED', where: 'ProbeRunner.dispose' });
  });

  it('finishes what runs before it closes, and takes nothing more', async () => {
    await withProbe({ execution, workers: 2 }, async (handle) => {
      // More than the workers have at once, so that some wait here.
      const running = Array.from({ length: 20 }, (_, value) => handle.run({ do: 'sleep', ms: 50, value }));
      const closing = handle.close();
      expect(handle.state).toBe('closing');
      await expect(handle.run({ do: 'echo' })).rejects.toMatchObject({ code: 'RW_HANDLE_STATE' });
      expect(await Promise.all(running)).toEqual([...Array(20).keys()]);
      await closing;
      expect(handle.state).toBe('closed');
      expect(handle.close()).toBe(closing);
      expect(probeLog().filter((line) => line === 'disposed')).toHaveLength(2);
    });
  });

  it('answers a caller that leaves at once, and its stages know', async () => {
    await withProbe({ execution }, async (handle) => {
      const controller = new AbortController();
      const left = handle.run({ do: 'sleep', ms: 60_000 }, { signal: controller.signal });
      await until(() => probeLog().includes('begin sleep'));
      controller.abort(new Error('bored'));
      await expect(left).rejects.toMatchObject({ code: 'RW_ABORTED', cause: { message: 'bored' } });
      await until(() => probeLog().includes('end sleep'));
      await until(() => handle.workerStates()[0]?.outstanding === 0);
      const late = handle.run({ do: 'sleep', ms: 60_000 }, { timeout: 20 });
      await expect(late).rejects.toMatchObject({ code: 'RW_DEADLINE' });
      expect(await handle.run({ do: 'echo', value: 2 })).toBe(2);
      expect(handle.workerStates()[0]?.restarts).toBe(0);
    });
  });

  it('streams, no faster than it is read', async () => {
    await withProbe({ execution, runner: 'count' }, async (handle) => {
      const all: unknown[] = [];
      for await (const item of handle.stream({ to: 100 })) all.push(item);
      expect(all).toEqual(Array.from({ length: 100 }, (_, made) => ({ made })));

      for await (const item of handle.stream({ to: 1_000_000 })) {
        expect(item).toEqual({ made: 0 });
        await new Promise((resolve) => setTimeout(resolve, 100));
        break;
      }
      await until(() => probeLog().length === 2);
      expect(Number(probeLog()[1]?.replace('made ', ''))).toBeLessThan(100);

      const failing = handle.stream({ to: 5, failAt: 2 });
      expect(await failing.next()).toEqual({ done: false, value: { made: 0 } });
      expect(await failing.next()).toEqual({ done: false, value: { made: 1 } });
      await expect(failing.next()).rejects.toMatchObject({ code: 'RW_STAGE_FAILED' });

      const slow = handle.stream({ to: 1000, ms: 20 }, { timeout: 100 });
      const read = async (): Promise<void> => {
        for await (const item of slow) void item;
      };
      await expect(read()).rejects.toMatchObject({ code: 'RW_DEADLINE' });
    });
  });

  it('answers exchanges with bytes, streams included', async () => {
    const options = () => ({ cancellation: new Cancellation(), requestId: 'r2' });
    await withProbe({ execution }, async (handle) => {
      const { status, body } = await handle.exchange(request({ do: 'echo', value: 'grüß' }), options());
      expect({ status, body }).toEqual({ status: 200, body: '"grüß"' });
      const bad = await handle.exchange(request(0, { body: Buffer.from('{') }), options());
      expect(bad.status).toBe(400);
      expect(JSON.parse(bad.body as string)).toMatchObject({ code: 'RW_INPUT_INVALID' });
      // Larger than any buffer on the way.
      const value = 'x'.repeat(20_000_000);
      const large = await handle.exchange(request({ do: 'echo', value }), options());
      expect((large.body as Uint8Array).byteLength).toBe(value.length + 2);
    });
    await withProbe({ execution, runner: 'count' }, async (handle) => {
      const { contentType, body } = await handle.exchange(request({ to: 3 }), options());
      expect(contentType).toContain('ndjson');
      let text = '';
      for await (const part of body as AsyncIterable<string>) text += part;
      expect(text.trimEnd().split('\n')).toHaveLength(4);
      const endless = await handle.exchange(request({ to: 1_000_000 }), options());
      await (endless.body as AsyncIterableIterator<string>).return?.();
      await until(() => probeLog().length === 2);
      expect(handle.workerStates()[0]?.restarts).toBe(0);
    });
  });

  it('gives what stages log to the caller’s logger', async () => {
    const said: unknown[][] = [];
    const to =
      (level: string) =>
      (...args: unknown[]) =>
        void said.push([level, ...args]);
    const logger = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') };
    await withProbe({ execution, logger, threads: 2 }, async (handle) => {
      await handle.run({ do: 'log', value: { deep: [new Error('oh')] } });
    });
    expect(said).toEqual([
      ['info', 'loading', { threads: 2 }],
      ['warn', 'a word', { deep: [new Error('oh')] }],
    ]);
  });

  it('works on although that logger throws', async () => {
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await withProbe({ execution, logger }, async (handle) => {
      expect(await handle.run({ do: 'log' })).toBeNull();
      expect(handle.workerStates()).toMatchObject([{ restarts: 0, outstanding: 0 }]);
    });
  });

  it('tells the server why it failed, where it has no logger of its own', async () => {
    const said: unknown[][] = [];
    const own: unknown[] = [];
    const quiet = (): void => undefined;
    const error = (...args: unknown[]): void => void said.push(args);
    const ask = async (handle: RunnerHandle, payload: object): Promise<string> => {
      const server = await createServer(handle, {
        logger: { debug: quiet, info: quiet, warn: quiet, error },
      });
      const { body } = await server.inject({ method: 'POST', url: '/predict', payload });
      await server.close();
      return body;
    };
    const why = { code: 'RW_STAGE_FAILED', cause: { message: 'out of tune' } };
    await withProbe({ execution }, async (handle) => {
      expect(await ask(handle, { do: 'throw' })).not.toContain('out of tune');
      expect(said).toMatchObject([[expect.stringContaining('to probe failed'), why]]);
      expect(await ask(handle, { do: 'echo', value: 1 })).toBe('1');
    });
    said.length = 0;
    await withProbe({ execution, runner: 'count' }, async (handle) => {
      const body = await ask(handle, { to: 5, failAt: 1 });
      expect(body).toMatch(/^\{"item":\{"made":0\}\}\n\{"error":.*"RW_STAGE_FAILED".*\n$/);
      expect(said).toMatchObject([[expect.any(String), { cause: { message: 'lost count' } }]]);
    });
    said.length = 0;
    const logger = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (_: unknown, failure: unknown) => void own.push(failure),
    };
    await withProbe({ execution, logger }, async (handle) => {
      await ask(handle, { do: 'throw' });
      expect({ said, own }).toMatchObject({ said: [], own: [why] });
    });
  });

  it('refuses what is too long to be sent, and goes on', async () => {
    await withProbe({ execution }, async (handle) => {
      const options = { cancellation: new Cancellation(), requestId: 'r3' };
      const modelName = 'x'.repeat(65 * 1024 * 1024);
      const issues = [{ constraint: 'length' }];
      await expect(handle.exchange(request({ do: 'echo' }, { modelName }), options)).rejects.toMatchObject({
        code: 'RW_INPUT_INVALID',
        issues,
      });
      const long = handle.run({ do: 'throw long' });
      await expect(long).rejects.toMatchObject({ code: 'RW_OUTPUT_INVALID', issues });
      expect(handle.workerStates()).toMatchObject([{ restarts: 0, outstanding: 0 }]);
      expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
    });
  });

  it('may have longer than a timer', async () => {
    await withProbe({ execution }, async (handle) => {
      expect(await handle.run({ do: 'sleep', ms: 50, value: 1 }, { timeout: 3e9 })).toBe(1);
    });
  });

  it('is warmed up before it is ready', async () => {
    await withProbe({ execution, workers: 2, warmUp: [{ do: 'echo' }] }, () => {
      expect(probeLog().sort()).toEqual(['begin echo', 'begin echo', 'end echo', 'end echo']);
      return Promise.resolve();
    });
    const cold = withProbe({ execution, warmUp: [{ do: 'throw' }] }, () => Promise.resolve());
    await expect(cold).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
  });

  it('shares its work among the workers', async () => {
    await withProbe({ execution, workers: 2 }, async (handle) => {
      const facts = await Promise.all(Array.from({ length: 40 }, () => handle.run({ do: 'facts' })));
      const places = new Set(facts.map((fact) => (fact as { threadId: number; pid: number }).threadId));
      const pids = new Set(facts.map((fact) => (fact as { pid: number }).pid));
      expect(Math.max(places.size, pids.size)).toBe(2);
    });
  });

  it('drops what waits behind a run that blocks, when its caller leaves or its time is over', async () => {
    await withProbe({ execution, deadlineGrace: 200 }, async (handle) => {
      const leaving = new AbortController();
      const order = { do: 'block', ms: 400 };
      const first = handle.run({ ...order, value: 'first' });
      const left = Array.from({ length: 4 }, () => handle.run(order, { signal: leaving.signal }));
      const late = Array.from({ length: 4 }, () => handle.run(order, { timeout: 100 }));
      const last = handle.run({ ...order, value: 'last' });
      setTimeout(() => leaving.abort(), 100);
      const codes = await Promise.allSettled([...left, ...late]);
      expect(
        codes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'ok')),
      ).toEqual([
        ...Array.from({ length: 4 }, () => 'RW_ABORTED'),
        ...Array.from({ length: 4 }, () => 'RW_DEADLINE'),
      ]);
      expect(await Promise.all([first, last])).toEqual(['first', 'last']);
      expect(probeLog().filter((line) => line === 'begin block')).toHaveLength(2);
      expect(handle.workerStates()).toMatchObject([{ restarts: 0 }]);
    });
  });

  it('drops what it was given while runs were short, when they turn long and its caller leaves', async () => {
    await withProbe({ execution, deadlineGrace: 200 }, async (handle) => {
      for (let run = 0; run < 40; run += 1) await handle.run({ do: 'echo' });
      const leaving = new AbortController();
      const order = { do: 'block', ms: 400 };
      const first = handle.run({ ...order, value: 'first' });
      const left = Array.from({ length: 3 }, () => handle.run(order, { signal: leaving.signal }));
      const late = Array.from({ length: 3 }, () => handle.run(order, { timeout: 100 }));
      const last = handle.run({ ...order, value: 'last' });
      setTimeout(() => leaving.abort(), 100);
      await Promise.allSettled([...left, ...late]);
      expect(await Promise.all([first, last])).toEqual(['first', 'last']);
      expect(probeLog().filter((line) => line === 'begin block')).toHaveLength(2);
      expect(handle.workerStates()).toMatchObject([{ restarts: 0, outstanding: 0 }]);
    });
  });

  it('answers what has run before the next run blocks it', async () => {
    await withProbe({ execution }, async (handle) => {
      for (let run = 0; run < 40; run += 1) await handle.run({ do: 'echo' });
      const began = performance.now();
      const order = { do: 'block', ms: 500 };
      const times = [0, 1, 2].map(() => handle.run(order).then(() => performance.now() - began));
      const [first = 0, second = 0, third = 0] = await Promise.all(times);
      expect(second - first).toBeGreaterThan(400);
      expect(third - second).toBeGreaterThan(400);
    });
  });

  it('keeps nobody behind a long run while another worker has nothing to do', async () => {
    await withProbe({ execution, workers: 2 }, async (handle) => {
      for (let run = 0; run < 4; run += 1) await handle.run({ do: 'block', ms: 10 });
      const long = handle.run({ do: 'block', ms: 2_000 });
      const started = performance.now();
      await Promise.all(Array.from({ length: 20 }, () => handle.run({ do: 'block', ms: 10 })));
      expect(performance.now() - started).toBeLessThan(1_500);
      await long;
    });
  });

  it('has many runs at once that wait for something else', async () => {
    await withProbe({ execution }, async (handle) => {
      const started = performance.now();
      await Promise.all(Array.from({ length: 8 }, () => handle.run({ do: 'sleep', ms: 1_000 })));
      expect(performance.now() - started).toBeLessThan(3_000);
    });
  });

  it('does not start what has been called off', async () => {
    const started = performance.now();
    const signal = AbortSignal.timeout(300);
    const load = withProbe({ execution, signal, environment: { PROBE_LOAD: '3000' } }, () =>
      Promise.resolve(),
    );
    await expect(load).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(performance.now() - started).toBeLessThan(2_500);
  });
});

describe('execution options', () => {
  it.each([
    [{ execution: 'fiber' }, 'execution'],
    [{ workers: 0 }, 'workers'],
    [{ workers: 129 }, 'workers'],
    [{ threads: 1.5 }, 'threads'],
    [{ memoryLimit: 1000 }, 'memoryLimit'],
    [{ deadlineGrace: -1 }, 'deadlineGrace'],
    [{ execution: 'inline', workers: 2 }, 'workers'],
    [{ execution: 'inline', memoryLimit: 2 ** 30 }, 'memoryLimit'],
  ])('%j is refused', async (options, name) => {
    const load = withProbe(options as object, () => Promise.resolve());
    await expect(load).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: expect.stringContaining(`\`${name}\``) as string,
    });
  });
});
