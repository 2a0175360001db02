import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import { JSON_ELEMENTS, type JsonElement } from './jsonElements';
import type { TensorData } from './TensorData';
import type { TensorSpec } from './TensorSpec';

/**
 * The elements of `data`, which is flat or nested like the shape; `undefined` with an issue when it is neither.
 *
 * @param count product of `dims`
 * @param path of the data
 */
export function readJsonTensor(
  data: unknown,
  dims: readonly number[],
  count: number,
  { dtype, datatype, carries }: TensorSpec,
  path: readonly PathSegment[],
  issues: IssueList,
): TensorData | undefined {
  const element = JSON_ELEMENTS[dtype];
  if (element === undefined) {
    const message = `must not be JSON: ${datatype} travels in binary only (parameters.binary_data_size)`;
    return void issues.add(path, 'data', message, data);
  }
  if (!Array.isArray(data)) return void issues.add(path, 'data', 'must be an array', data);
  const nested = dims.length > 1 && Array.isArray(data[0]);
  if (!nested && data.length !== count) {
    const message = `must have the ${count} elements of its shape, and has ${data.length}`;
    return void issues.add(path, 'data', message, data);
  }
  // The data is in memory already, so its true size bounds what a nested one can claim.
  if (nested && !isNestedLike(data, dims, 0, path, issues)) return undefined;
  const flat = nested ? (data.flat(dims.length - 1) as unknown[]) : (data as unknown[]);
  const { array: ElementArray } = TENSOR_ELEMENTS[dtype];
  const elements: { [index: number]: unknown } = ElementArray
    ? new ElementArray(count)
    : new Array<unknown>(count);
  const bad = fill(elements, flat, element);
  if (bad === undefined) {
    return carries.kind === 'bytes' ? Array.from(elements as string[], toBytes) : (elements as TensorData);
  }
  const place = nested ? indexes(bad, dims) : [bad];
  issues.add([...path, ...place], 'data', `must be ${element.expected}`, flat[bad]);
  return undefined;
}

/** @returns index of the first element that is wrong */
function fill(
  elements: { [index: number]: unknown },
  values: readonly unknown[],
  { read }: JsonElement,
): number | undefined {
  for (let index = 0; index < values.length; index += 1) {
    const value = read(values[index]);
    if (value === undefined) return index;
    elements[index] = value;
  }
  return undefined;
}

function isNestedLike(
  data: unknown,
  dims: readonly number[],
  axis: number,
  path: readonly PathSegment[],
  issues: IssueList,
): boolean {
  const size = dims[axis];
  if (!Array.isArray(data) || data.length !== size) {
    issues.add(path, 'data', `must be an array of ${size}, as in the shape [${dims.join(', ')}]`, data);
    return false;
  }
  if (axis === dims.length - 1) return true;
  return data.every((item, index) => isNestedLike(item, dims, axis + 1, [...path, index], issues));
}

function indexes(flat: number, dims: readonly number[]): number[] {
  let rest = flat;
  return dims.map((_, axis) => {
    const stride = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
    const index = Math.floor(rest / stride);
    rest %= stride;
    return index;
  });
}

function toBytes(text: string): Uint8Array {
  return Buffer.from(text);
}
