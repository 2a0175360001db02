import { expect, it } from 'vitest';
import { Backoff } from '../../../src/execution/pool/Backoff';

it('doubles from 100 ms to 30 s, and begins anew after a while of health', () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 12 }, () => backoff.delayAfter(500));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]);
  expect(backoff.delayAfter(60_000)).toBe(100);
  expect(backoff.delayAfter(0)).toBe(200);
});
