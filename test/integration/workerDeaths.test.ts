import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { WorkerHandle } from '../../src/execution/WorkerHandle';
import { createServer } from '../../src/server/createServer';
import { isAlive, probeLog, until, withProbe } from './workerProbe';

const pidsOf = (handle: WorkerHandle): number[] => handle.workerStates().map(({ pid }) => pid ?? 0);
const isUp = (handle: WorkerHandle) => () => handle.workerStates().every(({ status }) => status === 'ready');

describe('a worker process that dies', () => {
  it.each([
    ['by process.exit', 'exit', 'exit code 3'],
    ['by process.abort', 'abort', 'SIGABRT'],
    ['of a rejection that nobody handles', 'reject', 'exit code 1'],
  ])('%s fails its own request, and comes back', async (_, order, how) => {
    await withProbe({}, async (handle) => {
      const [first] = pidsOf(handle);
      await expect(handle.run({ do: order })).rejects.toMatchObject({
        code: 'RW_WORKER_FAILED',
        what: expect.stringContaining(how) as string,
      });
      expect(handle.state).toBe('restarting');
      // It waits for the new one.
      expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
      expect(handle.state).toBe('ready');
      expect(handle.workerStates()).toMatchObject([{ id: 1, restarts: 1, outstanding: 0 }]);
      expect(pidsOf(handle)[0]).not.toBe(first);
    });
  });

  it('by SIGKILL under load fails no request of another', async () => {
    await withProbe({ workers: 2 }, async (handle) => {
      const outcome = { answered: 0, lost: 0, other: 0 };
      let at = 0;
      let going = true;
      const client = async (): Promise<void> => {
        while (going) {
          const value = (at += 1);
          try {
            if ((await handle.run({ do: 'block', ms: 1, value })) === value) outcome.answered += 1;
            else outcome.other += 1;
          } catch (error) {
            if ((error as { code: string }).code === 'RW_WORKER_FAILED') outcome.lost += 1;
            else outcome.other += 1;
          }
        }
      };
      const clients = Array.from({ length: 30 }, client);
      let atStake = 0;
      for (let kills = 0; kills < 4; kills += 1) {
        await sleep(200);
        await until(isUp(handle));
        const victim = handle.workerStates()[kills % 2];
        atStake += victim?.outstanding ?? 0;
        process.kill(victim?.pid ?? 0, 'SIGKILL');
      }
      await sleep(300);
      going = false;
      await Promise.all(clients);
      expect(outcome.other).toBe(0);
      expect(outcome.lost).toBeLessThanOrEqual(atStake);
      expect(outcome.answered + outcome.lost).toBe(at);
      expect(outcome.answered).toBeGreaterThan(100);
      await until(isUp(handle));
      expect(handle.workerStates().map(({ restarts }) => restarts)).toEqual([2, 2]);
    });
  });

  it('shows in readiness, and not in health', async () => {
    await withProbe({ environment: { PROBE_LOAD: '300' } }, async (handle) => {
      const server = await createServer(handle);
      const statuses = async (): Promise<number[]> => {
        const answers = [await server.inject('/healthz'), await server.inject('/readyz')];
        return answers.map(({ statusCode }) => statusCode);
      };
      expect(await statuses()).toEqual([200, 200]);
      process.kill(pidsOf(handle)[0] ?? 0, 'SIGKILL');
      await until(() => handle.state === 'restarting');
      expect(await statuses()).toEqual([200, 503]);
      await until(() => handle.state === 'ready');
      expect(await statuses()).toEqual([200, 200]);
      await server.close();
    });
  });

  it('that cannot be started again fails what waits, is tried again, and comes back', async () => {
    await withProbe({}, async (handle) => {
      process.env['PROBE_FAULT'] = 'exit';
      process.kill(pidsOf(handle)[0] ?? 0, 'SIGKILL');
      await until(() => handle.state === 'restarting');
      await expect(handle.run({ do: 'echo' })).rejects.toMatchObject({ code: 'RW_WORKER_FAILED' });
      expect(handle.state).toBe('restarting');
      await expect(handle.run({ do: 'echo' })).rejects.toMatchObject({ code: 'RW_WORKER_FAILED' });
      delete process.env['PROBE_FAULT'];
      await until(() => handle.state === 'ready');
      expect(await handle.run({ do: 'echo', value: 3 })).toBe(3);
    });
  });

  it('is closed all the same', async () => {
    await withProbe({}, async (handle) => {
      process.kill(pidsOf(handle)[0] ?? 0, 'SIGKILL');
      await until(() => handle.state === 'restarting');
      await handle.close();
      expect(handle.state).toBe('closed');
    });
  });
});

it('a worker thread that dies of something that is no error fails its own request, and comes back', async () => {
  await withProbe({ execution: 'thread' }, async (handle) => {
    await expect(handle.run({ do: 'throw null later' })).rejects.toMatchObject({
      code: 'RW_WORKER_FAILED',
      what: expect.stringContaining('the thread that ran it ended: null') as string,
    });
    expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
  });
});

describe('the memory limit', () => {
  it('ends the process that passes it, and its requests with it', async () => {
    await withProbe({ memoryLimit: 300 * 1024 * 1024 }, async (handle) => {
      await expect(handle.run({ do: 'grow' })).rejects.toMatchObject({
        code: 'RW_WORKER_FAILED',
        what: expect.stringMatching(/took \d+ MiB of memory, and its limit is 300 MiB \(SIGKILL\)/) as string,
      });
      expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
    });
  });

  it('ends the thread whose heap passes it', async () => {
    await withProbe({ execution: 'thread', memoryLimit: 64 * 1024 * 1024 }, async (handle) => {
      await expect(handle.run({ do: 'grow heap' })).rejects.toMatchObject({
        code: 'RW_WORKER_FAILED',
        what: expect.stringContaining('memory limit') as string,
      });
      expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
    });
  });
});

describe('a run that outlives its deadline', () => {
  it.each(['block', 'stubborn'])('is ended with its process: %s', async (order) => {
    await withProbe({ deadlineGrace: 200 }, async (handle) => {
      const [first = 0] = pidsOf(handle);
      const started = performance.now();
      await expect(handle.run({ do: order, ms: 60_000 }, { timeout: 100 })).rejects.toMatchObject({
        code: 'RW_DEADLINE',
      });
      expect(performance.now() - started).toBeLessThan(250);
      expect(isAlive(first)).toBe(true);
      await until(() => !isAlive(first));
      expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
      expect(handle.workerStates()).toMatchObject([{ restarts: 1 }]);
    });
  });

  it('brings its process back at once, however often', async () => {
    const said: string[] = [];
    const note = (what: unknown): void => void said.push(String(what));
    const logger = { debug: note, info: note, warn: note, error: note };
    await withProbe({ deadlineGrace: 20, logger }, async (handle) => {
      for (let restarts = 1; restarts <= 4; restarts += 1) {
        const late = handle.run({ do: 'block', ms: 60_000 }, { timeout: 50 });
        await expect(late).rejects.toMatchObject({ code: 'RW_DEADLINE' });
        await until(() => isUp(handle)() && handle.workerStates()[0]?.restarts === restarts);
      }
    });
    const ends = said.filter((line) => line.includes('started again'));
    expect(ends).toHaveLength(4);
    for (const line of ends) expect(line).toContain('it is started again at once');
  });

  it('or its caller, is not ended while another caller waits, and gets no more company', async () => {
    await withProbe({ deadlineGrace: 10 }, async (handle) => {
      const [first] = pidsOf(handle);
      const controller = new AbortController();
      const left = handle.run({ do: 'stubborn', ms: 60_000 }, { signal: controller.signal });
      const beside = handle.run({ do: 'stubborn', ms: 2_000, value: 'beside' });
      await until(() => probeLog().filter((line) => line === 'begin stubborn').length === 2);
      controller.abort();
      await expect(left).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await sleep(1_300);
      const later = handle.run({ do: 'facts' });
      expect(await beside).toBe('beside');
      expect(await later).not.toMatchObject({ pid: first });
      expect(handle.workerStates()).toMatchObject([{ restarts: 1, outstanding: 0 }]);
    });
  });

  it('or its caller, and blocks, is ended when nobody waits for its process', async () => {
    await withProbe({ deadlineGrace: 10 }, async (handle) => {
      const [first = 0] = pidsOf(handle);
      const controller = new AbortController();
      const left = handle.run({ do: 'block', ms: 60_000 }, { signal: controller.signal });
      await until(() => probeLog().includes('begin block'));
      controller.abort();
      await expect(left).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await sleep(500);
      expect(isAlive(first)).toBe(true);
      await until(() => !isAlive(first));
      expect(await handle.run({ do: 'echo', value: 1 })).toBe(1);
    });
  });

  it('and ends in time costs no process', async () => {
    await withProbe({ deadlineGrace: 1_000 }, async (handle) => {
      const late = handle.run({ do: 'block', ms: 300 }, { timeout: 100 });
      await expect(late).rejects.toMatchObject({ code: 'RW_DEADLINE' });
      await until(() => handle.workerStates()[0]?.outstanding === 0);
      await sleep(1_000);
      expect(handle.workerStates()).toMatchObject([{ restarts: 0, status: 'ready' }]);
    });
  });

  it('or its caller, and has not begun, costs no process', async () => {
    await withProbe({ deadlineGrace: 30 }, async (handle) => {
      for (let runs = 0; runs < 3; runs += 1) await handle.run({ do: 'sleep', ms: 50 });
      const ahead = handle.run({ do: 'block', ms: 1_600, value: 'ahead' });
      const controller = new AbortController();
      const left = handle.run({ do: 'echo' }, { signal: controller.signal });
      const late = handle.run({ do: 'echo' }, { timeout: 200 });
      setTimeout(() => controller.abort(), 100);
      await expect(left).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await expect(late).rejects.toMatchObject({ code: 'RW_DEADLINE' });
      expect(await ahead).toBe('ahead');
      await sleep(200);
      expect(handle.workerStates()).toMatchObject([{ restarts: 0, status: 'ready', outstanding: 0 }]);
    });
  });

  it('whose caller has left does not hold up the closing', async () => {
    await withProbe({ deadlineGrace: 100 }, async (handle) => {
      const controller = new AbortController();
      const left = handle.run({ do: 'stubborn', ms: 60_000 }, { signal: controller.signal });
      await until(() => probeLog().includes('begin stubborn'));
      controller.abort();
      await expect(left).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await handle.close();
      expect(handle.state).toBe('closed');
    });
  });

  it('in a thread goes on to its end: a thread that works is never ended', async () => {
    await withProbe({ execution: 'thread', deadlineGrace: 50 }, async (handle) => {
      const late = handle.run({ do: 'block', ms: 800 }, { timeout: 100 });
      await expect(late).rejects.toMatchObject({ code: 'RW_DEADLINE' });
      await handle.close();
      expect(probeLog()).toEqual(['begin block', 'end block', 'disposed']);
    });
  });
});
