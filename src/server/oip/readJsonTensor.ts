import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import { unravelIndex } from '../../schema/unravelIndex';
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
  const ragged = nested ? findRagged(data, dims) : undefined;
  if (ragged !== undefined) {
    const message = `must be an array of ${dims[ragged.length]}, as in the shape [${dims.join(', ')}]`;
    return void issues.add([...path, ...ragged], 'data', message, data);
  }
  const flat = nested ? (data.flat(dims.length - 1) as unknown[]) : (data as unknown[]);
  const { array: ElementArray } = TENSOR_ELEMENTS[dtype];
  const elements: { [index: number]: unknown } = ElementArray
    ? new ElementArray(count)
    : new Array<unknown>(count);
  const bad = fill(elements, flat, element);
  if (bad === undefined) {
    return carries.kind === 'bytes' ? Array.from(elements as string[], toBytes) : (elements as TensorData);
  }
  const place = nested ? unravelIndex(bad, dims) : [bad];
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

/** The place where `data` is not nested like the shape. */
function findRagged(data: unknown, dims: readonly number[], axis = 0): number[] | undefined {
  if (!Array.isArray(data) || data.length !== dims[axis]) return [];
  if (axis === dims.length - 1) return undefined;
  for (let index = 0; index < data.length; index += 1) {
    const ragged = findRagged(data[index], dims, axis + 1);
    if (ragged !== undefined) return [index, ...ragged];
  }
  return undefined;
}

function toBytes(text: string): Uint8Array {
  return Buffer.from(text);
}
