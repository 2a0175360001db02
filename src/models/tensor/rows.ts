import { makeTensor } from '../../schema/makeTensor';
import type { TensorType } from '../../schema/TensorType';
import type { ModelSignature } from './ModelSignature';
import { notByRows } from './notByRows';
import type { TensorRecord } from './TensorModel';

/** An item in the form that the model takes. */
export interface ItemRows {
  readonly tensors: TensorRecord;
  /** True when the item had no dimension for the batch, and has one of size 1 now. */
  readonly added: boolean;
  /** Size of dimension 0. */
  readonly count: number;
}

/** The item with a dimension 0 of size 1, unless it has its dimension for the batch already. No element is copied. */
export function addRow(item: TensorRecord, { inputs }: ModelSignature): ItemRows {
  const tensors: Record<string, TensorRecord[string]> = {};
  let added = false;
  let count = 0;
  for (const { name, shape } of inputs) {
    const tensor = item[name];
    if (tensor === undefined) continue;
    const { dims } = tensor;
    added = dims.length < shape.length;
    count = added ? 1 : (dims[0] ?? 0);
    tensors[name] = added ? withDims(tensor, [1, ...dims]) : tensor;
  }
  return { tensors, added, count };
}

/**
 * The tensors without their dimension 0. No element is copied.
 *
 * @param where for messages: the runner
 * @throws RunwrightError RW_STAGE_FAILED when its size is not 1: the model does not give one row for each row that it takes
 */
export function removeRow(tensors: TensorRecord, where: string): TensorRecord {
  const item: Record<string, TensorRecord[string]> = {};
  for (const name in tensors) {
    const tensor = tensors[name];
    if (tensor === undefined) continue;
    if (tensor.dims[0] !== 1) throw notByRows(name, tensor, 1, where);
    item[name] = withDims(tensor, tensor.dims.slice(1));
  }
  return item;
}

function withDims(tensor: TensorRecord[string], dims: readonly number[]): TensorRecord[string] {
  return makeTensor(tensor.type as TensorType, tensor.data, dims);
}
