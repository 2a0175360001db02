import { makeTensor } from '../../schema/makeTensor';
import type { TensorArray } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import type { ModelSignature } from './ModelSignature';
import { splitTensors } from './splitTensors';
import type { TensorRecord } from './TensorModel';

type Tensor = TensorRecord[string];

/**
 * Items that have no dimension for the batch, all of one shape, as one set of inputs with the items along dimension 0: the
 * short way of most batches, without a tensor for each item. `splitItems` is the way back.
 *
 * @returns `undefined` for what is not plainly so; `TensorModel.runMany` takes it
 */
export function stackItems(
  items: readonly TensorRecord[],
  { inputs }: Pick<ModelSignature, 'inputs'>,
): TensorRecord | undefined {
  try {
    const stacked: Record<string, Tensor> = {};
    for (const { name, shape } of inputs) {
      const tensor = stackInput(items, name, shape.length - 1);
      if (tensor === undefined) return undefined;
      stacked[name] = tensor;
    }
    return stacked;
  } catch {
    // A tensor that was disposed of: the model's own check says which.
    return undefined;
  }
}

function stackInput(items: readonly TensorRecord[], name: string, rank: number): Tensor | undefined {
  const first = items[0]?.[name];
  if (first === undefined || Array.isArray(first.data) || first.dims.length !== rank) return undefined;
  const { type, dims } = first;
  const { length, constructor } = first.data;
  const all = new (constructor as new (length: number) => TensorArray)(items.length * length);
  for (let at = 0; at < items.length; at += 1) {
    const tensor = items[at]?.[name];
    if (tensor === undefined || tensor.type !== type || !isEqual(tensor.dims, dims)) return undefined;
    const data = tensor.data as TensorArray;
    if (data.constructor !== constructor || data.length !== length) return undefined;
    (all as Float32Array).set(data as Float32Array, at * length);
  }
  return makeTensor(type as TensorType, all, [items.length, ...dims]);
}

/** One set of outputs for each item, without dimension 0. They share the memory of the whole. */
export function splitItems(outputs: TensorRecord, count: number, where: string): TensorRecord[] {
  const items = Array.from({ length: count }, (): Record<string, Tensor> => ({}));
  for (const name in outputs) {
    const tensor = outputs[name] as Tensor;
    const [rows, ...dims] = tensor.dims;
    // It says what is wrong with it.
    if (rows !== count) return splitTensors(outputs, new Array<number>(count).fill(1), where);
    const data = tensor.data as TensorArray;
    const width = data.length / count;
    const cut = Array.isArray(data) ? 'slice' : 'subarray';
    for (let at = 0; at < count; at += 1) {
      const part = data[cut](at * width, (at + 1) * width);
      (items[at] as Record<string, Tensor>)[name] = makeTensor(tensor.type as TensorType, part, dims);
    }
  }
  return items;
}

function isEqual(dims: readonly number[], others: readonly number[]): boolean {
  for (let axis = 0; axis < others.length; axis += 1) if (dims[axis] !== others[axis]) return false;
  return dims.length === others.length;
}
