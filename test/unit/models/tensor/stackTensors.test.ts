import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitTensors } from '../../../../src/models/tensor/splitTensors';
import { stackTensors } from '../../../../src/models/tensor/stackTensors';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { plain, tensor } from './tensor';

const plainRecord = (record: TensorRecord): unknown =>
  Object.fromEntries(Object.entries(record).map(([name, each]) => [name, plain(each)]));

const sizes = fc.record({ rows: fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }), width: fc.nat(3) });

describe('stackTensors and splitTensors', () => {
  it('give back what was stacked, of every type and any number of rows', () => {
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.integer({ min: 0, max: 100 })), ({ rows, width }, numbers) => {
        const next = (count: number): number[] =>
          Array.from({ length: count }, () => numbers.next().value as number);
        const items = rows.map((count) => ({
          matrix: tensor('float32', next(count * width), [count, width]),
          ids: tensor('int64', next(count).map(BigInt), [count]),
          words: tensor('string', next(count * width).map(String), [count, 1, width]),
          flags: tensor(
            'bool',
            next(count * 2).map((each) => each % 2),
            [count, 2],
          ),
        }));
        const { stacked, rows: counted } = stackTensors(items);
        expect(counted).toEqual(rows);
        expect(stacked['matrix']?.dims[0]).toBe(rows.reduce((sum, count) => sum + count, 0));
        expect(splitTensors(stacked, counted, 'm').map(plainRecord)).toEqual(items.map(plainRecord));
      }),
    );
  });

  it('split without copying numbers', () => {
    const whole = tensor('float32', [1, 2, 3, 4], [2, 2]);
    const [first, second] = splitTensors({ y: whole }, [1, 1], 'm');
    expect((second?.['y']?.data as Float32Array).buffer).toBe((whole.data as Float32Array).buffer);
    expect(plain(first!['y']!)).toEqual({ type: 'float32', dims: [1, 2], data: [1, 2] });
  });

  it('refuse an output whose rows are not those that went in', () => {
    const split = (dims: number[]) => () =>
      splitTensors({ y: tensor('float32', [1, 2, 3], dims) }, [1, 1], 'm.onnx');
    expect(split([3])).toThrow(
      'm.onnx, output "y": it came back as float32 [3] for 2 stacked rows, so it cannot be split among the items. Open the model with `batch: false`',
    );
    expect(split([1, 3])).toThrow('for 2 stacked rows');
  });

  it('keep the bits of half precision', () => {
    const half = (bits: number): TensorRecord => ({ x: halfOf(bits) });
    const { stacked } = stackTensors([half(0x3c00), half(0x7e01)]);
    const { buffer, byteOffset } = stacked['x']!.data as Uint16Array;
    expect([...new Uint16Array(buffer, byteOffset, 2)]).toEqual([0x3c00, 0x7e01]);
  });
});

const halfOf = (bits: number): TensorRecord[string] => {
  const made = tensor('float16', [0], [1]);
  const { buffer, byteOffset } = made.data as Uint16Array;
  new Uint16Array(buffer, byteOffset, 1)[0] = bits;
  return made;
};
