import type { TensorField } from './fieldRule';
import { fillTensorRow } from './fillTensorRow';
import { isTensorValue, type TensorValue } from './isTensorValue';
import { makeTensor } from './makeTensor';
import { TENSOR_ELEMENTS, type TensorArray } from './tensorElements';
import { unravelIndex } from './unravelIndex';

/** Why a value is no tensor of a declared type and shape. */
export class TensorFault {
  constructor(
    /** Indexes of the first wrong row or element; empty for the value itself. */
    readonly path: readonly number[],
    /** To be read after "must be a float32 tensor of shape [4]:". */
    readonly detail: string,
    readonly received: unknown,
  ) {}
}

/**
 * A value as the tensor that a field declares. A fitting tensor is given back as it is, the data of a typed array becomes
 * the tensor's own, nested arrays are copied.
 */
export function toTensor(value: unknown, field: TensorField): TensorValue | TensorFault {
  if (Array.isArray(value)) {
    return field.shape.length > 0
      ? fromArrays(value, field)
      : new TensorFault([], `received shape ${receivedShape(value)}`, value);
  }
  if (isTensorValue(value)) return fromTensor(value, field);
  if (ArrayBuffer.isView(value)) return fromTypedArray(value, field);
  if (field.shape.length === 0) return fromRows([[value]], 1, [], field);
  return new TensorFault([], 'received neither nested arrays nor a tensor', value);
}

function fromTensor(tensor: TensorValue, { dtype, shape }: TensorField): TensorValue | TensorFault {
  const { type, dims, data } = tensor;
  let fits = type === dtype && dims.length === shape.length;
  // Loops: this is most of what a small model's validation does.
  let count = 1;
  for (let axis = 0; fits && axis < dims.length; axis += 1) {
    const size = dims[axis] as number;
    fits = shape[axis] === -1 || shape[axis] === size;
    count *= size;
  }
  if (fits && count === data.length) return tensor;
  return new TensorFault([], `received ${type} of shape [${dims.join(', ')}]`, tensor);
}

function fromTypedArray(view: ArrayBufferView, { dtype, shape }: TensorField): TensorValue | TensorFault {
  const refuse = (detail: string): TensorFault => new TensorFault([], `received ${detail}`, view);
  const { array } = TENSOR_ELEMENTS[dtype];
  const isHalf = dtype === 'float16' && view.constructor.name === 'Float16Array';
  if (array === undefined || !(isHalf || view instanceof array)) return refuse('an array of another type');
  const data = view as TensorArray;
  if (dtype === 'bool' && (data as Uint8Array).some((element) => element > 1)) {
    return refuse('bytes other than 0 and 1');
  }
  const known = shape.reduce((count, size) => (size === -1 ? count : count * size), 1);
  const free = shape.filter((size) => size === -1).length;
  if (free > 1) return refuse('an array without a shape, which leaves more than one dimension open');
  const rest = data.length / known;
  if (free === 0 ? rest !== 1 : !Number.isInteger(rest)) return refuse(`an array of length ${data.length}`);
  return makeTensor(
    dtype,
    data,
    shape.map((size) => (size === -1 ? rest : size)),
  );
}

function fromArrays(value: readonly unknown[], field: TensorField): TensorValue | TensorFault {
  const { shape } = field;
  // The usual case, without lists of one row.
  if (shape.length === 1 && (shape[0] === -1 || shape[0] === value.length)) {
    return fromRows([value], value.length, [value.length], field);
  }
  const dims: number[] = [];
  let rows: (readonly unknown[])[] = [];
  for (let axis = 0; axis < shape.length; axis += 1) {
    const next: (readonly unknown[])[] = [];
    const declared = shape[axis] ?? -1;
    // Where nothing is declared, the first row says it for all.
    let length = declared;
    const take = (row: unknown): boolean => {
      if (!Array.isArray(row)) return false;
      if (length === -1) length = row.length;
      next.push(row as unknown[]);
      return row.length === length;
    };
    if (axis === 0 && !take(value)) {
      return new TensorFault([], `received shape ${receivedShape(value)}`, value);
    }
    const size = dims[axis - 1] ?? 0;
    for (const [at, parent] of rows.entries()) {
      for (let index = 0; index < size; index += 1) {
        const row = parent[index];
        if (!take(row)) return wrongRow(value, row, [...unravelIndex(at, dims.slice(0, -1)), index]);
      }
    }
    dims.push(length === -1 ? 0 : length);
    rows = next;
  }
  return fromRows(rows, dims.at(-1) ?? 0, dims, field);
}

/** @param rows the innermost arrays, in order, each of `length` elements */
function fromRows(
  rows: readonly (readonly unknown[])[],
  length: number,
  dims: readonly number[],
  { dtype }: TensorField,
): TensorValue | TensorFault {
  const { array: Elements } = TENSOR_ELEMENTS[dtype];
  const size = rows.length * length;
  const data = Elements === undefined ? new Array<string>(size) : new Elements(size);
  const fill = fillTensorRow[dtype];
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? [];
    const wrong = fill(data, at * length, row, length);
    if (wrong === -1) continue;
    const path = dims.length === 0 ? [] : [...unravelIndex(at, dims.slice(0, -1)), wrong];
    return new TensorFault(path, `this is not a value of ${dtype}`, row[wrong]);
  }
  return makeTensor(dtype, data, dims);
}

function wrongRow(value: unknown, row: unknown, path: readonly number[]): TensorFault {
  const here = Array.isArray(row) ? `has length ${row.length}` : 'is no array';
  return new TensorFault(path, `received shape ${receivedShape(value)}, and this row ${here}`, row);
}

/** Of the first row of each level. */
function receivedShape(value: unknown): string {
  const dims: number[] = [];
  for (let row: unknown = value; Array.isArray(row) && dims.length < 8; row = row[0]) dims.push(row.length);
  return `[${dims.join(', ')}]`;
}
