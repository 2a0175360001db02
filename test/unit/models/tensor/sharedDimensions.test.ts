import { describe, expect, it } from 'vitest';
import type { ModelTensor } from '../../../../src/models/tensor/ModelSignature';
import { sharedDimensions } from '../../../../src/models/tensor/sharedDimensions';
import { tensor } from './tensor';

const of = (name: string, ...shape: (number | string)[]): ModelTensor => ({ name, dtype: 'float32', shape });
const check = (inputs: ModelTensor[], batch = false) => sharedDimensions({ inputs, outputs: [], batch });
const zeros = (...dims: number[]) =>
  tensor('float32', new Array<number>(dims.reduce((product, size) => product * size, 1)).fill(0), dims);

describe('sharedDimensions', () => {
  it('has nothing to judge where no free dimension is named twice', () => {
    expect(check([of('a', 'n', 2), of('b', 'm', 2)])).toBeUndefined();
    // Dimension 0 counts items, which are one for each input.
    expect(check([of('a', 'n'), of('b', 'n')], true)).toBeUndefined();
    expect(check([of('a', ''), of('b', '')])).toBeUndefined();
  });

  it('names every place that differs from the first, within one input too', () => {
    const judge = check([of('a', 'n', 'n'), of('in.1', 'n', 'k')]);
    expect(() => judge?.({ a: zeros(2, 2), 'in.1': zeros(2, 5) })).not.toThrow();
    expect(() => judge?.({ a: zeros(2, 3), 'in.1': zeros(4, 5) })).toThrow(
      expect.objectContaining({
        code: 'RW_INPUT_INVALID',
        issues: [
          {
            path: 'a',
            constraint: 'shape',
            message: 'dimension 1 ("n") of a must be 2, as dimension 0 of a is: received shape [2, 3]',
            received: 'Tensor',
          },
          expect.objectContaining({
            path: '["in.1"]',
            message: 'dimension 0 ("n") of in.1 must be 2, as dimension 0 of a is: received shape [4, 5]',
          }),
        ],
      }),
    );
  });

  it('judges items with and without the dimension of the batch alike', () => {
    const judge = check([of('a', 'n', 'w'), of('b', 'n', 3, 'w')], true);
    expect(() => judge?.({ a: zeros(2), b: zeros(3, 2) })).not.toThrow();
    expect(() => judge?.({ a: zeros(7, 2), b: zeros(7, 3, 2) })).not.toThrow();
    for (const item of [
      { a: zeros(2), b: zeros(3, 1) },
      { a: zeros(7, 2), b: zeros(7, 3, 1) },
    ]) {
      expect(() => judge?.(item)).toThrow('dimension 1 ("w") of b must be 2, as dimension 0 of a is');
    }
  });
});
