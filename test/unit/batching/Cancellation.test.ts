import { describe, expect, it } from 'vitest';
import { Cancellation } from '../../../src/batching/Cancellation';

describe('Cancellation', () => {
  it('fires once, with its first reason, and calls back everyone who still waits', () => {
    const cancellation = new Cancellation();
    const called: string[] = [];
    cancellation.onAbort(() => called.push('first'));
    const stop = cancellation.onAbort(() => called.push('second'));
    cancellation.onAbort(() => called.push('third'));
    stop();
    expect(cancellation.aborted).toBe(false);
    cancellation.abort('left');
    cancellation.abort('again');
    expect(called).toEqual(['first', 'third']);
    expect([cancellation.aborted, cancellation.reason]).toEqual([true, 'left']);
  });

  it('calls back at once when it has fired', () => {
    const cancellation = new Cancellation();
    cancellation.abort('left');
    let called = 0;
    cancellation.onAbort(() => (called += 1))();
    expect(called).toBe(1);
  });

  it('calls the same callback once for each time that it was given', () => {
    const cancellation = new Cancellation();
    let called = 0;
    const callback = (): void => void (called += 1);
    const stops = [1, 2, 3].map(() => cancellation.onAbort(callback));
    stops[1]?.();
    cancellation.abort('left');
    expect(called).toBe(2);
  });

  it('fires the signal that was asked for before, or is asked for after', () => {
    const before = new Cancellation();
    const { signal } = before;
    expect(signal.aborted).toBe(false);
    before.abort('left');
    expect([signal.aborted, signal.reason, before.signal === signal]).toEqual([true, 'left', true]);
    const after = new Cancellation();
    after.abort('left');
    expect([after.signal.aborted, after.signal.reason]).toEqual([true, 'left']);
  });
});
