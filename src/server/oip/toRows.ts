import type { IssueList } from '../../schema/IssueList';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorArray } from '../../schema/tensorElements';
import type { InputTensor } from './readInputs';
import type { TensorSide } from './tensorSignature';

/** Most items of one request: each is an object of its own, also where its tensors have no elements. */
export const MAX_ROWS = 100_000;

/**
 * The inputs that the tensors of a request stand for: one for each step of the first dimension, or one in all where the runner's
 * items cannot be batched. Tensors of rows are views, never copies.
 */
export function toRows(
  tensors: readonly InputTensor[],
  { whole }: TensorSide,
  batch: boolean,
  issues: IssueList,
): readonly unknown[] {
  const count = batch ? countRows(tensors, issues) : 1;
  const columns = tensors.map((tensor) => ({ name: tensor.spec.name, at: toColumn(tensor, batch, issues) }));
  if (!issues.isEmpty) return [];
  const rows: unknown[] = [];
  for (let row = 0; row < count; row += 1) {
    if (whole) {
      rows.push(columns[0]?.at(row));
      continue;
    }
    const item: Record<string, unknown> = {};
    for (const { name, at } of columns) item[name] = at(row);
    rows.push(item);
  }
  return rows;
}

function countRows(tensors: readonly InputTensor[], issues: IssueList): number {
  const [first] = tensors;
  // A runner whose every field is optional, and none was given.
  if (first === undefined) return 1;
  const count = first.dims[0] ?? 0;
  for (const { dims, path } of tensors) {
    if (dims[0] === count) continue;
    const message = `must be ${count}, as in the other inputs: the first dimension counts the items`;
    issues.add([...path, 'shape', 0], 'shape', message, dims[0]);
  }
  if (count > MAX_ROWS) {
    issues.add(
      [...first.path, 'shape', 0],
      'shape',
      `must be at most ${MAX_ROWS}: it counts the items`,
      count,
    );
  }
  return count;
}

type Column = (row: number) => unknown;

function toColumn({ spec, dims, data, path }: InputTensor, batch: boolean, issues: IssueList): Column {
  const { carries, dtype } = spec;
  const itemDims = batch ? dims.slice(1) : dims;
  const length = itemDims.reduce((product, size) => product * size, 1);
  if (carries.kind === 'tensor') {
    const elements = data as TensorArray | readonly string[];
    if (!batch) return () => makeTensor(dtype, elements, itemDims);
    return (row) => makeTensor(dtype, rowOf(elements, row, length), itemDims);
  }
  if (carries.kind === 'integer') {
    const bad = (data as BigInt64Array).findIndex((value) => !Number.isSafeInteger(Number(value)));
    if (bad !== -1) {
      const message = `element ${bad} must be an integer that a number holds exactly (at most 2^53 - 1)`;
      issues.add([...path, 'data'], 'isInt', message, 0n);
    }
  }
  const convert = CONVERSIONS[carries.kind];
  if (!carries.array) return (row) => convert(data[row]);
  return (row) => Array.from<unknown, unknown>(rowOf(data, row, length), convert);
}

function rowOf<T extends InputTensor['data']>(data: T, row: number, length: number): T {
  const [start, end] = [row * length, (row + 1) * length];
  return ('subarray' in data ? data.subarray(start, end) : data.slice(start, end)) as T;
}

const CONVERSIONS = {
  number: (value: unknown) => value,
  integer: (value: unknown) => Number(value),
  string: (value: unknown) => value,
  bytes: (value: unknown) => value,
  boolean: (value: unknown) => value !== 0,
};
