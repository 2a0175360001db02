import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '../../../../src/models/tensor/ModelSignature';
import { addRow, removeRow } from '../../../../src/models/tensor/rows';
import { plain, tensor } from './tensor';

const signature: ModelSignature = {
  inputs: [
    { name: 'x', dtype: 'float32', shape: ['n', 2] },
    { name: 'id', dtype: 'int64', shape: ['n'] },
  ],
  outputs: [],
  batch: true,
};

describe('addRow', () => {
  it('puts a dimension of 1 in front of items, and removeRow takes it away, over the same elements', () => {
    const item = { x: tensor('float32', [1, 2], [2]), id: tensor('int64', [7n], []) };
    const { tensors, added, count } = addRow(item, signature);
    expect([added, count]).toEqual([true, 1]);
    expect([tensors['x']?.dims, tensors['id']?.dims]).toEqual([[1, 2], [1]]);
    expect(tensors['x']?.data).toBe(item.x.data);
    const back = removeRow(tensors, 'made');
    expect(Object.keys(back)).toEqual(['x', 'id']);
    expect(back['x'] && plain(back['x'])).toEqual(plain(item.x));
    expect(back['id'] && plain(back['id'])).toEqual(plain(item.id));
  });

  it('leaves rows as they are, however many', () => {
    fc.assert(
      fc.property(fc.nat(5), (rows) => {
        const item = {
          x: tensor('float32', new Array<number>(rows * 2).fill(1), [rows, 2]),
          id: tensor('int64', new Array<bigint>(rows).fill(1n), [rows]),
        };
        const { tensors, added, count } = addRow(item, signature);
        expect([added, count]).toEqual([false, rows]);
        expect(tensors).toEqual(item);
      }),
    );
  });
});
