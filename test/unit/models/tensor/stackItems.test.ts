import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitItems, stackItems } from '../../../../src/models/tensor/stackItems';
import type { ModelTensor } from '../../../../src/models/tensor/ModelSignature';
import { plain, tensor } from './tensor';

const inputs: ModelTensor[] = [
  { name: 'matrix', dtype: 'float32', shape: ['', 2, 'n'] },
  { name: 'id', dtype: 'int64', shape: [''] },
];
const item = (seed: number, width: number) => ({
  matrix: tensor(
    'float32',
    Array.from({ length: 2 * width }, (_, at) => seed + at),
    [2, width],
  ),
  id: tensor('int64', [BigInt(seed)], []),
});

describe('stackItems and splitItems', () => {
  it('give back what was stacked', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }), fc.nat(3), (seeds, width) => {
        const items = seeds.map((seed) => item(seed, width));
        const stacked = stackItems(items, { inputs });
        expect(stacked?.['matrix']?.dims).toEqual([seeds.length, 2, width]);
        const split = splitItems(stacked ?? {}, seeds.length, 'm');
        expect(split.map(({ matrix, id }) => [plain(matrix as never), plain(id as never)])).toEqual(
          items.map(({ matrix, id }) => [plain(matrix), plain(id)]),
        );
      }),
    );
  });

  it('leave to others what is not plainly of one shape', () => {
    const { matrix, id } = item(1, 3);
    const strange = [
      item(2, 4),
      { matrix, id: tensor('int32', [1], []) },
      { matrix },
      { matrix: tensor('float32', [1, 2, 3, 4, 5, 6], [1, 2, 3]), id },
      { matrix: { ...matrix, dims: [2, 3], type: 'float32', data: new Float64Array(6) }, id },
      {
        matrix: {
          type: 'float32',
          dims: [2, 3],
          get data(): never {
            throw new Error('disposed');
          },
        },
        id,
      },
    ];
    for (const other of strange)
      expect(stackItems([{ matrix, id }, other as never], { inputs })).toBeUndefined();
    const text: ModelTensor[] = [{ name: 'word', dtype: 'string', shape: [''] }];
    expect(stackItems([{ word: tensor('string', ['a'], []) }], { inputs: text })).toBeUndefined();
  });

  it('refuse outputs that are not one row for each item', () => {
    expect(() => splitItems({ scores: tensor('float32', [1, 2, 3], [3]) }, 2, 'm')).toThrow(
      expect.objectContaining({ code: 'RW_STAGE_FAILED', where: 'm, output "scores"' }),
    );
  });
});
