import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseInput } from '../../../../src/registrar/torch/CaseInput';
import { batchSizesOf, generateCases } from '../../../../src/registrar/torch/generateCases';

const image: CaseInput = {
  name: 'image',
  dtype: 'float32',
  shape: ['batch', 1, 'rows', 'columns'],
  range: [0, 1],
};
const ids: CaseInput = { name: 'ids', dtype: 'int64', shape: ['batch', 'length'], range: [2, 9] };
const OPTIONS = { count: 32, batchName: 'batch' };

const dimsOf = (inputs: readonly CaseInput[], options = OPTIONS) =>
  [...generateCases(inputs, options)].map(({ inputs: tensors }) =>
    Object.fromEntries(Object.entries(tensors).map(([name, { dims }]) => [name, dims])),
  );

describe('generateCases', () => {
  it('gives as many as are asked for, the same each time', () => {
    const [one, other] = [0, 1].map(() => [...generateCases([image, ids], OPTIONS)]);
    expect(one).toHaveLength(32);
    expect(one).toEqual(other);
  });

  it('has two sizes of every free dimension, and equal names have equal sizes', () => {
    const dims = dimsOf([image, ids]);
    expect(new Set(dims.map((one) => one['image']?.[0]))).toEqual(new Set([1, 3]));
    for (const axis of [2, 3]) expect(new Set(dims.map((one) => one['image']?.[axis])).size).toBe(2);
    for (const one of dims) expect(one['ids']?.[0]).toBe(one['image']?.[0]);
    // Otherwise an output could not show which of them its dimension is.
    for (const one of dims) expect(new Set(one['image']?.slice(2)).size).toBe(2);
  });

  it('keeps to sizes that the model allows', () => {
    const sizes = { batch: { max: 2 }, length: { min: 30, max: 31 } };
    for (const one of dimsOf([ids], { ...OPTIONS, sizes } as never)) {
      const [batch, length] = one['ids'] ?? [];
      expect(batch).toBeLessThanOrEqual(2);
      expect([30, 31]).toContain(length);
    }
  });

  it('keeps two sizes wherever two are allowed', () => {
    const bounded: [{ min?: number; max?: number }, number[]][] = [
      [{ min: 4 }, [4, 6]],
      [{ min: 4, max: 5 }, [4, 5]],
      [{ max: 2 }, [1, 2]],
      [{ min: 7, max: 7 }, [7]],
    ];
    for (const [batch, expected] of bounded) {
      const options = { ...OPTIONS, sizes: { batch, length: { max: 12 } } };
      const dims = dimsOf([ids], options).map((one) => one['ids'] ?? []);
      expect([...new Set(dims.map(([size]) => size))]).toEqual(expected);
      expect(batchSizesOf(options)).toEqual(expected);
      expect(new Set(dims.map(([, length]) => length)).size).toBe(2);
    }
    expect(batchSizesOf({ ...OPTIONS, batchName: undefined })).toEqual([]);
  });

  it('tries the ends of the range, and never leaves it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<CaseInput['dtype']>('float32', 'float64', 'int32', 'int64', 'uint8', 'int8'),
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        (dtype, min, span) => {
          const input: CaseInput = { name: 'x', dtype, shape: ['batch', 5], range: [min, min + span] };
          const values = [...generateCases([input], OPTIONS)].flatMap(({ inputs }) =>
            Array.from(inputs['x']?.data as ArrayLike<number | bigint>, Number),
          );
          expect(Math.min(...values)).toBe(min);
          expect(Math.max(...values)).toBe(min + span);
          if (dtype.includes('int')) expect(values.every(Number.isInteger)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has halves as their bits, and booleans as 0 and 1', () => {
    const [half] = generateCases([{ name: 'x', dtype: 'float16', shape: [2] }], {
      count: 1,
      batchName: undefined,
    });
    expect(half?.inputs['x']).toMatchObject({ type: 'float16', dims: [2] });
    const bools = [
      ...generateCases([{ name: 'x', dtype: 'bool', shape: [8] }], { count: 32, batchName: undefined }),
    ];
    expect(new Set(bools.flatMap(({ inputs }) => [...(inputs['x']?.data as Uint8Array)]))).toEqual(
      new Set([0, 1]),
    );
  });

  it('puts examples first, and takes sizes from them', () => {
    const examples = [
      [[1, 2, 3]],
      [
        [4, 5, 6],
        [7, 8, 9],
      ],
    ];
    const cases = [...generateCases([{ ...ids, examples }], { count: 4, batchName: 'batch' })];
    expect(cases.map(({ description }) => description.slice(0, 9))).toEqual([
      'example 0',
      'example 1',
      'random va',
      'random va',
      'zero valu',
      'zero valu',
    ]);
    expect(cases.map(({ inputs }) => inputs['ids']?.dims)).toEqual([
      [1, 3],
      [2, 3],
      [1, 3],
      [3, 3],
      [1, 3],
      [3, 3],
    ]);
    expect(() => [...generateCases([{ ...ids, examples: [[1]] }], OPTIONS)]).toThrow(
      expect.objectContaining({ code: 'RW_OPTION_INVALID', where: 'input "ids", example 0' }),
    );
  });

  it('makes nothing up that could not be sent', () => {
    const huge: CaseInput = { name: 'x', dtype: 'float32', shape: ['batch', 2 ** 42] };
    expect(() => [...generateCases([huge], OPTIONS)]).toThrow(/input "x".*more than can be generated/s);
  });

  it('makes no text up', () => {
    expect(() => [...generateCases([{ name: 'x', dtype: 'string', shape: [1] }], OPTIONS)]).toThrow(
      expect.objectContaining({ code: 'RW_OPTION_INVALID' }),
    );
  });
});
