import fc from 'fast-check';
import type { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { encodeFrame, readTensors, type TensorList } from '../../../../src/models/torch/sidecarFrame';
import { SidecarFrameReader } from '../../../../src/models/torch/SidecarFrameReader';
import { makeTensor } from '../../../../src/schema/makeTensor';
import { TENSOR_ELEMENTS } from '../../../../src/schema/tensorElements';
import type { TensorType } from '../../../../src/schema/TensorType';

const dtypes = (Object.keys(TENSOR_ELEMENTS) as TensorType[]).filter((dtype) => dtype !== 'string');

const tensors = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    dims: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
    seed: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ dtype, dims, seed }): Tensor => {
    const { array: Elements, bytes } = TENSOR_ELEMENTS[dtype];
    const length = dims.reduce((product, size) => product * size, 1);
    const data = Uint8Array.from({ length: length * bytes }, (_, at) => (at * 7 + seed) % 256);
    return makeTensor(dtype, new (Elements ?? Uint8Array)(data.buffer), dims);
  });

interface Header {
  readonly id: number;
  readonly tensors: TensorList;
}

const bytesOf = ({ data }: Tensor): number[] => {
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
};

describe('frames of the side-car', () => {
  it('carry tensors, however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(tensors, { maxLength: 3 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 100 }),
        (calls, piece) => {
          const sent = calls.map((list) => Object.fromEntries(list.map((tensor, at) => [`t${at}`, tensor])));
          const all = Buffer.concat(
            sent.map((record, id) => encodeFrame({ id, pad: ' '.repeat(id) }, record)),
          );
          const received: (readonly [number, Record<string, Tensor>])[] = [];
          const reader = new SidecarFrameReader((header, body) => {
            const { id, tensors: list } = header as Header;
            received.push([id, readTensors(list, body)]);
          });
          for (let at = 0; at < all.length; at += piece) reader.push(all.subarray(at, at + piece));
          expect(received.map(([id]) => id)).toEqual(sent.map((_, id) => id));
          received.forEach(([id, record]) => {
            for (const [name, tensor] of Object.entries(sent[id] ?? {})) {
              expect(record[name]?.type).toBe(tensor.type);
              expect(record[name]?.dims).toEqual(tensor.dims);
              expect(bytesOf(record[name] as Tensor)).toEqual(bytesOf(tensor));
            }
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['another mark', Buffer.from('HTTP/1.1 200 OK\r\n')],
    ['a header without end', Buffer.from('RWT1\xff\xff\xff\xff\x00\x00\x00\x00', 'latin1')],
    ['a body without end', Buffer.from('RWT1\x02\x00\x00\x00\xff\xff\xff\xff', 'latin1')],
  ])('refuses %s at once', (_, bytes) => {
    const reader = new SidecarFrameReader(() => undefined);
    expect(() => reader.push(bytes)).toThrow(RangeError);
  });

  it('refuses a body that is shorter than its list', () => {
    expect(() => readTensors([['x', 'float32', [2, 3]]], new Uint8Array(8))).toThrow(RangeError);
    expect(() => readTensors([['x', 'string', [1]]], new Uint8Array(8))).toThrow(RangeError);
  });
});
