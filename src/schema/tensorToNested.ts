import { fromFloat16Bits } from './float16';
import type { PathSegment } from './formatPath';
import type { TensorValue } from './isTensorValue';
import { unravelIndex } from './unravelIndex';

/** An element that JSON has no number for. */
export class TensorNotJsonError extends Error {
  /** @param path of the element */
  constructor(readonly path: readonly PathSegment[]) {
    super('NaN and infinities are not JSON numbers');
  }
}

/**
 * A tensor as JSON has it: nested arrays of numbers, booleans or strings; one of them alone for a scalar.
 *
 * An integer of 64 bits beyond what a number holds exactly becomes decimal text, which `@IsTensor` takes back.
 *
 * @throws TensorNotJsonError for NaN and infinities
 */
export function tensorToNested(tensor: TensorValue): unknown {
  const { dims } = tensor;
  const elements = elementsOf(tensor);
  return dims.length === 0 ? row(elements, 0, 1, dims)[0] : nest(elements, 0, 0, dims);
}

type Elements = readonly unknown[] | Exclude<TensorValue['data'], readonly string[]>;

/** What stands for other values: bits of half precision (where Node has no array for them), and booleans. */
function elementsOf({ type, data }: TensorValue): Elements {
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromFloat16Bits);
  return type === 'bool' ? Array.from(data as Uint8Array, (element) => element === 1) : data;
}

function nest(elements: Elements, start: number, axis: number, dims: readonly number[]): unknown[] {
  const size = dims[axis] ?? 0;
  if (axis === dims.length - 1) return row(elements, start, size, dims);
  const step = dims.slice(axis + 1).reduce((count, each) => count * each, 1);
  return Array.from({ length: size }, (_, at) => nest(elements, start + at * step, axis + 1, dims));
}

function row(elements: Elements, start: number, length: number, dims: readonly number[]): unknown[] {
  const items = new Array<unknown>(length);
  for (let index = 0; index < length; index += 1) {
    const element = elements[start + index];
    if (typeof element === 'number') {
      if (!Number.isFinite(element)) throw new TensorNotJsonError(unravelIndex(start + index, dims));
      items[index] = element;
    } else {
      items[index] = typeof element === 'bigint' ? wholeNumber(element) : element;
    }
  }
  return items;
}

function wholeNumber(element: bigint): number | string {
  const number = Number(element);
  return Number.isSafeInteger(number) ? number : String(element);
}
