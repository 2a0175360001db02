import type { Tensor } from 'onnxruntime-common';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorArray } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import type { TensorRecord } from './TensorModel';

/**
 * Sets of tensors one behind another along dimension 0, copied once. `splitTensors` is the way back.
 *
 * @param items at least one; of each name the tensors have one type and equal dimensions but the first, which is the same for
 *   all tensors of an item
 * @returns the stacked tensors, and the size of dimension 0 of each item
 */
export function stackTensors(items: readonly TensorRecord[]): { stacked: TensorRecord; rows: number[] } {
  const names = Object.keys(items[0] ?? {});
  const stacked: Record<string, Tensor> = {};
  for (const name of names) stacked[name] = stack(items.map((item) => item[name] as Tensor));
  const [first = ''] = names;
  return { stacked, rows: items.map((item) => item[first]?.dims[0] ?? 0) };
}

function stack(tensors: readonly Tensor[]): Tensor {
  const { type, dims, data: pattern } = tensors[0] as Tensor;
  const rows = tensors.reduce((sum, tensor) => sum + (tensor.dims[0] ?? 0), 0);
  const shape = [rows, ...dims.slice(1)];
  if (Array.isArray(pattern)) {
    return makeTensor('string', tensors.map(({ data }) => data as unknown as string[]).flat(), shape);
  }
  const Elements = pattern.constructor as new (length: number) => TensorArray;
  const all = new Elements(shape.reduce((product, size) => product * size, 1));
  let at = 0;
  for (const { data } of tensors) {
    const part = data as Float32Array;
    // A float16 tensor may have either of two kinds of array: from one to the other, `set` would convert numbers to bits.
    if (part.constructor === Elements) (all as Float32Array).set(part, at);
    else bytesOf(all).set(bytesOf(part), at * all.BYTES_PER_ELEMENT);
    at += part.length;
  }
  return makeTensor(type as TensorType, all, shape);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
