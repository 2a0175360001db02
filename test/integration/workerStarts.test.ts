import { EventEmitter } from 'node:events';
import type * as childProcess from 'node:child_process';
import { afterEach, expect, it, vi } from 'vitest';
import { until, withProbe } from './workerProbe';

let isFull = false;
afterEach(() => void (isFull = false));

// What Node gives when there is no file descriptor left.
vi.mock('node:child_process', async (importOriginal) => {
  const original = await importOriginal<typeof childProcess>();
  const spawn = (...args: Parameters<typeof childProcess.spawn>): childProcess.ChildProcess => {
    if (!isFull) return original.spawn(...args);
    const child = new EventEmitter();
    process.nextTick(() => child.emit('error', new Error('spawn EMFILE')));
    return child as childProcess.ChildProcess;
  };
  return { ...original, spawn };
});

it('a worker that cannot be started at first is an error that says so', async () => {
  isFull = true;
  await expect(withProbe({ workers: 2 }, () => Promise.resolve())).rejects.toMatchObject({
    code: 'RW_WORKER_FAILED',
    what: expect.stringContaining('could not be started: too many files are open') as string,
    cause: expect.any(Error) as Error,
  });
});

it('a worker that cannot be started again fails what waits, and comes back', async () => {
  await withProbe({}, async (handle) => {
    isFull = true;
    process.kill(handle.workerStates()[0]?.pid ?? 0, 'SIGKILL');
    await until(() => handle.state === 'restarting');
    const waits = handle.run({ do: 'echo' });
    await expect(waits).rejects.toMatchObject({ code: 'RW_WORKER_FAILED' });
    isFull = false;
    await until(() => handle.state === 'ready');
    expect(await handle.run({ do: 'echo', value: 3 })).toBe(3);
  });
});

it('a worker that cannot be started again is closed at once', async () => {
  await withProbe({}, async (handle) => {
    isFull = true;
    process.kill(handle.workerStates()[0]?.pid ?? 0, 'SIGKILL');
    await until(() => (handle.workerStates()[0]?.restarts ?? 0) > 0);
    const waits = expect(handle.run({ do: 'echo' })).rejects.toMatchObject({ code: 'RW_WORKER_FAILED' });
    await handle.close();
    await waits;
    expect(handle.state).toBe('closed');
  });
});
