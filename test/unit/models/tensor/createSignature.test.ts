import { describe, expect, it } from 'vitest';
import { createSignature } from '../../../../src/models/tensor/createSignature';
import type { ModelSignature, ModelTensor } from '../../../../src/models/tensor/ModelSignature';

const of = (name: string, ...shape: (number | string)[]): ModelTensor => ({ name, dtype: 'float32', shape });
const sign = (inputs: ModelTensor[], outputs: ModelTensor[], batch?: boolean): ModelSignature =>
  createSignature(inputs, outputs, { batch, where: 'm.onnx' });

describe('createSignature', () => {
  it('stacks where dimension 0 has one name everywhere', () => {
    const signature = sign([of('a', 'n', 2), of('b', 'n')], [of('y', 'n', 3)]);
    expect(signature).toMatchObject({ batch: true });
    expect(signature).not.toHaveProperty('batchReason');
  });

  it.each([
    [
      'another name',
      [of('a', 'n'), of('b', 'm')],
      [of('y', 'n')],
      'dimension 0 of "a" is named "n", that of "b" is "m"',
    ],
    ['no name', [of('a', '')], [of('y', '')], 'dimension 0 of "a" has no name'],
    ['a fixed size', [of('a', 'n')], [of('y', 1, 3)], 'output "y" (float32 [1, 3]) has 1 as its dimension 0'],
    ['no dimension', [of('a', 'n'), of('sr')], [of('y', 'n')], 'input "sr" (float32 []) has no dimensions'],
    [
      'no shape',
      [of('a', 'n')],
      [{ ...of('y'), anyShape: true as const }],
      'output "y" has no declared shape',
    ],
    ['no inputs', [], [of('y', 'n')], 'the model has no inputs or no outputs'],
  ])('does not stack with %s, and says so', (_, inputs, outputs, batchReason) => {
    expect(sign(inputs, outputs)).toEqual({ inputs, outputs, batch: false, batchReason });
  });

  it('does as declared', () => {
    expect(sign([of('a', '')], [of('y', 'm')], true).batch).toBe(true);
    expect(sign([of('a', 'n')], [of('y', 'n')], false)).toMatchObject({
      batch: false,
      batchReason: 'the option `batch` is false',
    });
  });

  it('refuses a declaration that cannot be true', () => {
    expect(() => sign([of('a', 1, 4)], [of('y', 'n')], true)).toThrow(
      'm.onnx, option `batch`: it is true, but input "a" (float32 [1, 4]) has 1 as its dimension 0',
    );
    expect(() => sign([of('a', 'n')], [of('y')], true)).toThrow('has no dimensions');
  });
});
