import { expect, it } from 'vitest';
import { learnOutputs } from '../../../../src/registrar/torch/learnOutputs';
import { nameDimensions } from '../../../../src/registrar/torch/nameDimensions';
import { makeTensor } from '../../../../src/schema/makeTensor';

const tensor = (...dims: number[]) =>
  makeTensor('float32', new Float32Array(dims.reduce((count, size) => count * size, 1)), dims);
const X = { name: 'x', dtype: 'float32', shape: ['batch', 'length', 4] } as const;
const seen = (inputs: number[], outputs: Record<string, number[]>) => ({
  inputs: { x: tensor(...inputs) },
  outputs: Object.fromEntries(Object.entries(outputs).map(([name, dims]) => [name, tensor(...dims)])),
});

it('knows by two runs what is fixed, what follows the inputs, and what does not', () => {
  const one = seen([1, 16, 4], { same: [16, 1, 4], fixed: [3], halved: [1, 8] });
  const other = seen([3, 24, 4], { same: [24, 3, 4], fixed: [3], halved: [3, 12] });
  expect(learnOutputs([X], [one, other], 'm.pt')).toEqual([
    { name: 'same', dtype: 'float32', shape: ['length', 'batch', 4] },
    { name: 'fixed', dtype: 'float32', shape: [3] },
    { name: 'halved', dtype: 'float32', shape: ['batch', 'halved_1'] },
  ]);
});

it('refuses outputs that come and go, or change their number of dimensions', () => {
  const one = seen([1, 16, 4], { y: [1, 4] });
  const attempt = (outputs: Record<string, number[]>) =>
    expect(() => learnOutputs([X], [one, seen([3, 24, 4], outputs)], 'm.pt')).toThrow(
      expect.objectContaining({ code: 'RW_EXPORT_FAILED' }),
    );
  attempt({ y: [4] });
  attempt({ z: [3, 4] });
});

it('names what is given as -1', () => {
  const shapes = (...given: (number | string)[][]) =>
    nameDimensions(given.map((shape, at) => ({ name: `i${at}`, dtype: 'float32', shape }))).map(
      ({ shape }) => shape,
    );
  expect(shapes([-1, 3, -1], [-1])).toEqual([['batch', 3, 'i0_2'], ['batch']]);
  expect(shapes([-1, 3], [2])).toEqual([['i0_0', 3], [2]]);
  expect(shapes(['n', -1])).toEqual([['n', 'i0_1']]);
});
