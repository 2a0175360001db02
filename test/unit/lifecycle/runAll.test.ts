import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runAll } from '../../../src/lifecycle/runAll';

describe('runAll', () => {
  it('does everything, so much of it at once', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await runAll([1, 2, 3, 4, 5, 6, 7], 3, undefined, async (item) => {
      most = Math.max(most, (running += 1));
      await sleep(5);
      running -= 1;
      done.push(item);
    });
    expect(most).toBe(3);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('throws the first failure when nothing is at work any more, and begins nothing after it', async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = async (item: number, signal: AbortSignal): Promise<void> => {
      begun.push(item);
      try {
        if (item === 2) throw new Error('the second');
        await sleep(5_000, undefined, { signal });
      } finally {
        ended += 1;
      }
    };
    await expect(runAll([1, 2, 3, 4, 5], 3, undefined, work)).rejects.toThrow('the second');
    expect(begun).toEqual([1, 2, 3]);
    expect(ended).toBe(3);
  });

  it('passes the signal on, with its reason', async () => {
    const stop = new AbortController();
    const reasons: unknown[] = [];
    const running = runAll([1, 2], 2, stop.signal, async (_, signal) => {
      await sleep(5_000, undefined, { signal }).catch(() => reasons.push(signal.reason));
    });
    stop.abort('enough');
    await running;
    expect(reasons).toEqual(['enough', 'enough']);
    await runAll([1], 1, stop.signal, () => Promise.reject(new Error('it was begun')));
  });
});
