import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../../../src/models/torch/untilAborted';

describe('untilAborted', () => {
  it('ends at once, and what it no longer waits for may fail unseen', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      for (const signal of [AbortSignal.abort(), AbortSignal.timeout(5)]) {
        const failing = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), 20));
        await expect(untilAborted(failing, signal, 'x.pt')).rejects.toMatchObject({
          code: 'RW_ABORTED',
          where: 'x.pt',
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('gives what the promise gives', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal, 'x.pt')).toBe(1);
    await expect(untilAborted(Promise.reject(new Error('no')), signal, 'x.pt')).rejects.toThrow('no');
  });
});
