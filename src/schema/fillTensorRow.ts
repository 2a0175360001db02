import { FLOAT16_LIMIT, toFloat16Bits } from './float16';
import type { TensorType } from './TensorType';

/**
 * Writes the first `length` elements of a row into `data`, from `start` on, each checked for its type and range.
 *
 * @returns the index in the row of the first element that does not fit; -1 when all do
 */
type Fill = (data: never, start: number, row: readonly unknown[], length: number) => number;

/** Magnitudes from here on round to infinity. */
const FLOAT32_LIMIT = 2 ** 128 - 2 ** 103;

// JSON has no NaN and no infinities: neither do arrays of numbers. Both compare as outside of any limit.
const floats =
  (limit: number): Fill =>
  (data: Float32Array | Float64Array, start, row, length) => {
    for (let index = 0; index < length; index += 1) {
      const element = row[index];
      if (typeof element !== 'number' || !(element < limit && element > -limit)) return index;
      data[start + index] = element;
    }
    return -1;
  };

const integers =
  (minimum: number, maximum: number): Fill =>
  (data: Int32Array, start, row, length) => {
    for (let index = 0; index < length; index += 1) {
      const element = row[index];
      if (typeof element !== 'number' || !(element >= minimum && element <= maximum)) return index;
      if (Math.trunc(element) !== element) return index;
      data[start + index] = element;
    }
    return -1;
  };

const bigIntegers =
  (minimum: bigint, maximum: bigint): Fill =>
  (data: BigInt64Array, start, row, length) => {
    for (let index = 0; index < length; index += 1) {
      const element = toBigInt(row[index]);
      if (element === undefined || element < minimum || element > maximum) return index;
      data[start + index] = element;
    }
    return -1;
  };

const halves: Fill = (data: Uint16Array, start, row, length) => {
  for (let index = 0; index < length; index += 1) {
    const element = row[index];
    if (typeof element !== 'number' || !(Math.abs(element) < FLOAT16_LIMIT)) return index;
    data[start + index] = toFloat16Bits(element);
  }
  return -1;
};

const booleans: Fill = (data: Uint8Array, start, row, length) => {
  for (let index = 0; index < length; index += 1) {
    const element = row[index];
    if (typeof element !== 'boolean') return index;
    data[start + index] = element ? 1 : 0;
  }
  return -1;
};

const strings: Fill = (data: string[], start, row, length) => {
  for (let index = 0; index < length; index += 1) {
    const element = row[index];
    if (typeof element !== 'string') return index;
    data[start + index] = element;
  }
  return -1;
};

export const fillTensorRow = {
  float32: floats(FLOAT32_LIMIT),
  float64: floats(Infinity),
  float16: halves,
  int8: integers(-128, 127),
  uint8: integers(0, 255),
  int16: integers(-32_768, 32_767),
  uint16: integers(0, 65_535),
  int32: integers(-2_147_483_648, 2_147_483_647),
  uint32: integers(0, 4_294_967_295),
  int64: bigIntegers(-(2n ** 63n), 2n ** 63n - 1n),
  uint64: bigIntegers(0n, 2n ** 64n - 1n),
  bool: booleans,
  string: strings,
} as Readonly<
  Record<TensorType, (data: unknown, start: number, row: readonly unknown[], length: number) => number>
>;

/** A whole number without a loss: larger ones come as text, as JSON's numbers do not carry them. */
function toBigInt(element: unknown): bigint | undefined {
  if (typeof element === 'bigint') return element;
  if (Number.isSafeInteger(element)) return BigInt(element as number);
  return typeof element === 'string' && /^-?\d{1,20}$/.test(element) ? BigInt(element) : undefined;
}
