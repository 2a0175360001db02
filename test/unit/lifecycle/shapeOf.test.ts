import fc from 'fast-check';
import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../../src/lifecycle/shapeOf';

const grid = (rows: number, columns: number, value: number): number[][] =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(value));

describe('shapeOf', () => {
  it('tells nested arrays of other shapes apart, whatever is in them', () => {
    const size = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(size, size, size, size, (a, b, c, d) => {
        expect(shapeOf(grid(a, b, 1)) === shapeOf(grid(c, d, 2))).toBe(a === c && b === d);
      }),
    );
  });

  it('sees ragged rows', () => {
    expect(shapeOf([[1, 2], [3]])).not.toBe(shapeOf([[1], [2, 3]]));
    expect(shapeOf([[1, 2], [3]])).toBe(shapeOf([[5, 6], [7]]));
    expect(shapeOf([[1, 2], [3]])).not.toBe(
      shapeOf([
        [1, 2],
        [3, 4],
      ]),
    );
  });

  it('knows tensors by their form, of any copy of the library', () => {
    const tensor = (dims: number[]) => new Tensor('float32', new Float32Array(6), dims);
    expect(shapeOf(tensor([2, 3]))).toBe(shapeOf(tensor([2, 3])));
    expect(shapeOf(tensor([2, 3]))).not.toBe(shapeOf(tensor([3, 2])));
    class OtherTensor {
      readonly type = 'float32';
      constructor(readonly dims: number[]) {}
      get data(): never {
        throw new Error('it is on the GPU');
      }
    }
    expect(shapeOf(tensor([2, 3]))).toBe(shapeOf(new OtherTensor([2, 3])));
    expect(shapeOf(tensor([2, 3]))).not.toBe(shapeOf(new OtherTensor([3, 2])));
    expect(shapeOf(tensor([6]))).not.toBe(shapeOf(new Tensor('int32', new Int32Array(6), [6])));
    expect(shapeOf({ a: tensor([2, 3]), b: tensor([6]) })).not.toBe(
      shapeOf({ a: tensor([6]), b: tensor([2, 3]) }),
    );
  });

  it('looks into objects in any order of their fields, and at typed arrays', () => {
    expect(shapeOf({ a: [1], b: 'x' })).toBe(shapeOf({ b: 'longer', a: [2] }));
    expect(shapeOf({ a: [1] })).not.toBe(shapeOf({ b: [1] }));
    expect(shapeOf(new Float32Array(3))).not.toBe(shapeOf(new Float32Array(4)));
    expect(shapeOf(new Float32Array(3))).toBe(shapeOf(new Float32Array(3)));
  });

  it('finds no shape in what has none', () => {
    for (const value of [1, 'text', true, null, undefined, 1n]) expect(shapeOf(value)).toBe('');
    expect(shapeOf([])).toBe(shapeOf([]));
  });
});
