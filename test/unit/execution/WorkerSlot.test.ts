import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WorkerSlot } from '../../../src/execution/pool/WorkerSlot';
import type { WorkerUnit } from '../../../src/execution/pool/WorkerUnit';
import type { ChannelListener } from '../../../src/execution/transport/Channel';
import { KIND } from '../../../src/execution/transport/Message';
import { silentLogger } from '../../../src/lifecycle/silentLogger';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const cause = Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' });

/** A unit that is ready at once. */
function makeUnit(): { unit: WorkerUnit; end: () => void } {
  let end!: () => void;
  const ended = new Promise<string>((resolve) => (end = () => resolve('SIGKILL')));
  const channel = {
    listen: ({ onMessage }: ChannelListener) =>
      queueMicrotask(() => onMessage({ kind: KIND.ready, id: 0, meta: '', body: Buffer.from('{}') })),
    send: () => undefined,
    flush: () => undefined,
    close: () => undefined,
    setRef: () => undefined,
  };
  return { unit: { pid: 1, channel, ended, killable: true, kill: end }, end };
}

function makeSlot(): { slot: WorkerSlot; startUnit: ReturnType<typeof vi.fn>; states: string[] } {
  const startUnit = vi.fn<() => WorkerUnit>();
  const states: string[] = [];
  const slot: WorkerSlot = new WorkerSlot(1, {
    startUnit,
    memoryLimit: undefined,
    opening: '{}',
    where: 'Odd',
    deadlineGrace: 100,
    logger: silentLogger,
    onChange: () => void states.push(`${slot.status}${slot.failing ? ', failing' : ''}`),
  });
  return { slot, startUnit, states };
}

const unable = (): never => {
  throw cause;
};

it('says why the first start failed when nothing could be started, and is closed at once', async () => {
  const { slot, startUnit, states } = makeSlot();
  startUnit.mockImplementation(unable);
  await expect(slot.start()).rejects.toMatchObject({
    code: 'RW_WORKER_FAILED',
    what: 'worker 1 could not be started: spawn EMFILE',
    where: 'Odd',
    cause,
  });
  expect(states).toEqual(['waiting, failing']);
  await slot.close();
  expect(slot.status).toBe('ended');
});

it('goes on to start again what could not be started', async () => {
  const { slot, startUnit, states } = makeSlot();
  const first = makeUnit();
  startUnit.mockReturnValueOnce(first.unit);
  await slot.start();
  startUnit
    .mockImplementationOnce(unable)
    .mockImplementationOnce(unable)
    .mockReturnValueOnce(makeUnit().unit);
  first.end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states).toEqual(['waiting', 'waiting, failing', 'waiting, failing', 'ready']);
  expect(slot.state).toMatchObject({ status: 'ready', restarts: 3 });
});

it('is closed at once while nothing can be started', async () => {
  const { slot, startUnit } = makeSlot();
  const first = makeUnit();
  startUnit.mockReturnValueOnce(first.unit);
  await slot.start();
  startUnit.mockImplementation(unable);
  first.end();
  await vi.advanceTimersByTimeAsync(1_000);
  expect({ status: slot.status, failing: slot.failing }).toEqual({ status: 'waiting', failing: true });
  await slot.close();
  const tries = startUnit.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(startUnit).toHaveBeenCalledTimes(tries);
});
