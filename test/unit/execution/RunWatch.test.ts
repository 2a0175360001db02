import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RunWatch } from '../../../src/execution/pool/RunWatch';
import { WorkerCall } from '../../../src/execution/pool/WorkerCall';
import { deadlineError } from '../../../src/batching/deadlineError';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(
  grace: number,
  isHeldUp = (): boolean => false,
): {
  watch: RunWatch;
  begin: (id: number) => WorkerCall;
  leave: (call: WorkerCall, late: boolean) => void;
  overruns: string[];
} {
  const calls = new Map<number, WorkerCall>();
  const overruns: string[] = [];
  const watch = new RunWatch(grace, {
    calls: () => calls.values(),
    isHeldUp,
    onSuspect: () => undefined,
    onOverrun: (reason) => void overruns.push(reason),
  });
  const begin = (id: number): WorkerCall => {
    const call = new WorkerCall({ kind: 3, id }, { where: 'test', onSettled: () => calls.get(id) });
    call.answered.catch(() => undefined);
    calls.set(id, call);
    return call;
  };
  const leave = (call: WorkerCall, late: boolean): void => {
    call.fail(deadlineError('test', 1));
    watch.left(call, late);
  };
  return { watch, begin, leave, overruns };
}

it('ends a run after its deadline and the grace, also when others run', () => {
  const { watch, begin, leave, overruns } = watched(100);
  begin(1);
  leave(begin(2), true);
  vi.advanceTimersByTime(99);
  expect({ overruns, suspects: watch.suspects }).toEqual({ overruns: [], suspects: false });
  vi.advanceTimersByTime(1);
  expect(overruns).toHaveLength(1);
});

it('gives a run that may not have begun the grace from when it has', () => {
  let heldUp = true;
  const { watch, begin, leave, overruns } = watched(100, () => heldUp);
  begin(1);
  leave(begin(2), true);
  vi.advanceTimersByTime(950);
  expect(overruns).toEqual([]);
  watch.begun(2);
  vi.advanceTimersByTime(99);
  expect(overruns).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(overruns).toHaveLength(1);
  leave(begin(3), true);
  vi.advanceTimersByTime(150);
  heldUp = false;
  vi.advanceTimersByTime(50);
  expect(overruns).toHaveLength(2);
});

it('ends a run that was left after 30 graces, once nobody waits for any other', () => {
  const { watch, begin, leave, overruns } = watched(100);
  const other = begin(1);
  leave(begin(2), false);
  vi.advanceTimersByTime(2_999);
  expect(watch.suspects).toBe(false);
  vi.advanceTimersByTime(1);
  expect({ overruns, suspects: watch.suspects }).toEqual({ overruns: [], suspects: true });
  leave(other, false);
  expect(overruns).toHaveLength(1);
});

it('forgets what ends in time, and gives everybody the grace alone when there is a hurry', () => {
  const { watch, begin, leave, overruns } = watched(100);
  leave(begin(1), true);
  leave(begin(2), false);
  watch.ended(1);
  watch.ended(2);
  vi.advanceTimersByTime(60_000);
  expect(overruns).toEqual([]);
  leave(begin(3), false);
  watch.hurry();
  vi.advanceTimersByTime(100);
  expect(overruns.length).toBeGreaterThan(0);
});
