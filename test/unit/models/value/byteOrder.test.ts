import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromLittleEndian, toLittleEndian } from '../../../../src/models/value/byteOrder';

const sizes = fc.constantFrom(1, 2, 4, 8);

test('a little-endian host writes its memory as it is', () => {
  const bytes = Buffer.from([1, 2, 3, 4]);
  expect([...toLittleEndian(bytes, 4, 'LE')]).toEqual([bytes]);
});

test('a big-endian host writes each element backwards and leaves its memory alone', () => {
  const bytes = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const written = (elementSize: number): number[] => [
    ...Buffer.concat([...toLittleEndian(bytes, elementSize, 'BE')]),
  ];
  expect(written(1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(written(2)).toEqual([2, 1, 4, 3, 6, 5, 8, 7]);
  expect(written(4)).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
  expect(written(8)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what a big-endian host writes it reads again, also in several pieces', () => {
  fc.assert(
    fc.property(sizes, fc.nat(300_000), (elementSize, count) => {
      const bytes = Buffer.alloc(count * elementSize).map((_, index) => index % 251);
      const written = Buffer.concat([...toLittleEndian(Buffer.from(bytes), elementSize, 'BE')]);
      fromLittleEndian(written, elementSize, 'BE');
      expect(written.equals(bytes)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
