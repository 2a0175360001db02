import { describe, expect, it } from 'vitest';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { whyTogether } from '../../../../src/registrar/torch/whyTogether';
import { makeTensor } from '../../../../src/schema/makeTensor';

type Row = readonly number[];
const tensor = (rows: readonly Row[]) =>
  makeTensor('float32', Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
const rowsOf = ({ data, dims: [count = 0, width = 0] }: TensorRecord[string]): Row[] =>
  Array.from({ length: count }, (_, at) => [
    ...(data as Float32Array).subarray(at * width, (at + 1) * width),
  ]);

/** Of a model that makes rows of rows. */
const ask = async (model: (rows: readonly Row[]) => readonly Row[]) => {
  const run = ({ x }: TensorRecord) =>
    Promise.resolve({ y: tensor(model(x === undefined ? [] : rowsOf(x))) });
  const inputs = { x: tensor([[1000], [2], [3]]) };
  return whyTogether({ inputs, outputs: await run(inputs) }, run, {}, 'm.pt');
};

describe('whyTogether', () => {
  it('has nothing against a model that keeps items apart', async () => {
    expect(await ask((rows) => rows.map(([x = 0]) => [x * 2, NaN]))).toBeUndefined();
  });

  it('takes the noise of another order of sums for none', async () => {
    expect(await ask((rows) => rows.map(([x = 0]) => [x + rows.length * 1e-4]))).toBeUndefined();
  });

  it.each([
    [
      'sums over the items',
      (rows: readonly Row[]) => rows.map(([x = 0], at) => [x + (rows[at - 1]?.[0] ?? 0)]),
    ],
    ['has shapes that follow their number', (rows: readonly Row[]) => rows.map(() => rows.map(() => 0))],
  ])('finds a model that %s', async (_, model) => {
    expect(await ask(model)).toBe('the output "y" of an item depends on the other items of its run');
  });
});
