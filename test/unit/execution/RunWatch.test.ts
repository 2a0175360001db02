import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RunWatch } from '../../../src/execution/pool/RunWatch';
import { WorkerCall } from '../../../src/execution/pool/WorkerCall';
import { KIND } from '../../../src/execution/transport/Message';
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
  end: (call: WorkerCall) => void;
  overruns: string[];
} {
  const calls = new Map<number, WorkerCall>();
  const overruns: string[] = [];
  const watch = new RunWatch(grace, {
    calls: () => calls.values(),
    isHeldUp,
    onChange: () => undefined,
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
  const end = (call: WorkerCall): void => {
    call.receive({ kind: KIND.answer, id: call.id, meta: '', body: Buffer.alloc(0) });
    calls.delete(call.id);
    watch.ended(call.id);
  };
  return { watch, begin, leave, end, overruns };
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

it('gives a late run that was held up all of the grace, once the run before it has ended', () => {
  let heldUp = true;
  const { begin, leave, end, overruns } = watched(500, () => heldUp);
  const first = begin(1);
  leave(begin(2), true);
  vi.advanceTimersByTime(990);
  heldUp = false;
  end(first);
  vi.advanceTimersByTime(499);
  expect(overruns).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(overruns).toHaveLength(1);
});

it('gives it that too once the time of the run before it is over', () => {
  let heldUp = true;
  const { begin, leave, end, overruns } = watched(500, () => heldUp);
  const first = begin(1);
  leave(begin(2), true);
  vi.advanceTimersByTime(990);
  heldUp = false;
  leave(first, true);
  vi.advanceTimersByTime(400);
  end(first);
  vi.advanceTimersByTime(499);
  expect(overruns).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(overruns).toHaveLength(1);
});

it('gives no more to a late run for what has begun, or what was given after it', () => {
  const { watch, begin, leave, end, overruns } = watched(100);
  const first = begin(1);
  leave(begin(2), true);
  watch.begun(2);
  const later = begin(3);
  vi.advanceTimersByTime(90);
  end(first);
  end(later);
  vi.advanceTimersByTime(10);
  expect(overruns).toHaveLength(1);
});

it('does not suspect a run that was left before it could begin, and ends nothing for it', () => {
  let heldUp = true;
  const { watch, begin, leave, end, overruns } = watched(30, () => heldUp);
  const first = begin(1);
  const second = begin(2);
  leave(second, false);
  vi.advanceTimersByTime(1_990);
  expect(watch.suspects).toBe(false);
  heldUp = false;
  end(first);
  vi.advanceTimersByTime(100);
  expect({ overruns, suspects: watch.suspects }).toEqual({ overruns: [], suspects: false });
  end(second);
  vi.advanceTimersByTime(60_000);
  expect(overruns).toEqual([]);
});

it('suspects a run no more that may have been held up, or says that it has only begun', () => {
  const { watch, begin, leave, end, overruns } = watched(100);
  const [first, second, third] = [begin(1), begin(2), begin(3)];
  leave(second, false);
  vi.advanceTimersByTime(2_000);
  leave(first, false);
  vi.advanceTimersByTime(3_000);
  expect(watch.suspects).toBe(true);
  end(first);
  expect(watch.suspects).toBe(false);
  vi.advanceTimersByTime(3_000);
  expect(watch.suspects).toBe(true);
  watch.begun(2);
  expect(watch.suspects).toBe(false);
  leave(third, false);
  vi.advanceTimersByTime(2_999);
  expect(overruns).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(overruns.length).toBeGreaterThan(0);
});

it('ends a run that was left, was held up and then goes on for too long', () => {
  let heldUp = true;
  const { begin, leave, end, overruns } = watched(100, () => heldUp);
  const first = begin(1);
  leave(begin(2), false);
  vi.advanceTimersByTime(5_000);
  heldUp = false;
  end(first);
  vi.advanceTimersByTime(2_999);
  expect(overruns).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(overruns).toHaveLength(1);
});
