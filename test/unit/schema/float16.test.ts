import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLOAT16_LIMIT, fromFloat16Bits, toFloat16Bits } from '../../../src/schema/float16';

describe('half precision', () => {
  it('comes back from all of its bits', () => {
    for (let half = 0; half < 2 ** 16; half += 1) {
      const number = fromFloat16Bits(half);
      if (Number.isNaN(number)) expect(toFloat16Bits(number)).toBe(0x7e00);
      else if (toFloat16Bits(number) !== half) throw new Error(`${half} became ${toFloat16Bits(number)}`);
    }
  });

  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [65_504, 0x7bff],
    [65_519.99, 0x7bff],
    [FLOAT16_LIMIT, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -14 - 2 ** -25, 0x0400],
    [NaN, 0x7e00],
  ])('of %d is %d', (number, half) => {
    expect(toFloat16Bits(number)).toBe(half);
  });

  it('is the nearest one, and of two the even one', () => {
    const number = fc.oneof(
      fc.double({ min: -65_504, max: 65_504, noNaN: true }),
      fc.float({ min: -Math.fround(1e-3), max: Math.fround(1e-3), noNaN: true }),
    );
    fc.assert(
      fc.property(number, (value) => {
        const half = toFloat16Bits(value);
        const distance = Math.abs(fromFloat16Bits(half) - value);
        for (const other of [half - 1, half + 1]) {
          const apart = Math.abs(fromFloat16Bits(other & 0xffff) - value);
          if (apart < distance || (apart === distance && half % 2 === 1 && apart > 0)) {
            throw new Error(`${value} is nearer to ${fromFloat16Bits(other)}`);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
