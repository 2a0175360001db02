import { describe, expect, it } from 'vitest';
import type { ModelSignature, ModelTensor } from '../../../../src/models/tensor/ModelSignature';
import { toItem } from '../../../../src/models/tensor/toItem';
import { plain, tensor } from './tensor';

const of = (name: string, dtype: ModelTensor['dtype'], ...shape: (number | string)[]): ModelTensor => ({
  name,
  dtype,
  shape,
});
const sign = (batch: boolean, ...inputs: ModelTensor[]): ModelSignature => ({ inputs, outputs: [], batch });
const one = (given: unknown, signature: ModelSignature): unknown => {
  const [item] = Object.values(toItem(given, signature, 'preprocess'));
  return item && plain(item);
};

describe('toItem', () => {
  it('converts elements to the type of the input', () => {
    expect(one([1, 2n, '3'], sign(false, of('x', 'int64', 3)))).toMatchObject({ data: [1n, 2n, 3n] });
    expect(one([true, false], sign(false, of('x', 'bool', 2)))).toMatchObject({ data: [1, 0] });
    expect(one([1], sign(false, of('x', 'float16', 1)))).toMatchObject({ type: 'float16', data: [0x3c00] });
    expect(one(['a'], sign(false, of('x', 'string', 1)))).toMatchObject({ data: ['a'] });
  });

  it('keeps the elements of a typed array and a tensor as they are', () => {
    const signature = sign(true, of('x', 'float32', 'n', 2));
    const data = Float32Array.of(1, 2);
    expect(toItem(data, signature, 'preprocess')['x']?.data).toBe(data);
    const given = tensor('float32', [1, 2], [1, 2]);
    expect(toItem({ x: given }, signature, 'preprocess')['x']).toBe(given);
  });

  it('takes inputs of several ranks, all with rows or all without', () => {
    const signature = sign(true, of('x', 'float32', 'n', 2), of('id', 'int64', 'n'));
    const dimsOf = (given: unknown): unknown =>
      Object.values(toItem(given, signature, 'preprocess')).map(({ dims }) => [...dims]);
    expect(dimsOf({ x: [1, 2], id: 7 })).toEqual([[2], []]);
    expect(dimsOf({ x: [[1, 2]], id: [7] })).toEqual([[1, 2], [1]]);
    expect(() => dimsOf({ x: [[1, 2]], id: 7 })).toThrow('others have none (id)');
  });
});
