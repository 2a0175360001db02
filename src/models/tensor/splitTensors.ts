import type { Tensor } from 'onnxruntime-common';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorArray } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import { notByRows } from './notByRows';
import type { TensorRecord } from './TensorModel';

/**
 * Stacked tensors as one set for each item. The parts are views: they share the memory of the whole; texts are copied.
 *
 * @param rows size of dimension 0 of each part
 * @param where for messages: the model's file
 * @throws RunwrightError RW_STAGE_FAILED when dimension 0 of a tensor is not the sum of `rows`: the model does not keep items apart
 */
export function splitTensors(stacked: TensorRecord, rows: readonly number[], where: string): TensorRecord[] {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const parts = rows.map((): Record<string, Tensor> => ({}));
  for (const [name, tensor] of Object.entries(stacked)) {
    const { type, dims } = tensor;
    if (dims[0] !== total) throw notByRows(name, tensor, total, where);
    const rest = dims.slice(1);
    const width = rest.reduce((product, size) => product * size, 1);
    const data = tensor.data as TensorArray;
    const cut = Array.isArray(data) ? 'slice' : 'subarray';
    let at = 0;
    rows.forEach((count, item) => {
      const end = at + count * width;
      const part = parts[item] as Record<string, Tensor>;
      part[name] = makeTensor(type as TensorType, data[cut](at, end), [count, ...rest]);
      at = end;
    });
  }
  return parts;
}
