import type { TensorType } from '../../schema/TensorType';

/** How one element of a tensor is read from JSON. */
export interface JsonElement {
  /** For messages: `must be <expected>`. */
  readonly expected: string;
  /** The element as its typed array takes it; `undefined` for what it is not. */
  readonly read: (value: unknown) => number | bigint | string | undefined;
}

/** Absent for FP16, which travels in binary only. */
export const JSON_ELEMENTS: Readonly<Partial<Record<TensorType, JsonElement>>> = {
  bool: {
    expected: 'true or false',
    read: (value) => (typeof value === 'boolean' ? Number(value) : undefined),
  },
  int8: integer(-(2 ** 7), 2 ** 7 - 1),
  uint8: integer(0, 2 ** 8 - 1),
  int16: integer(-(2 ** 15), 2 ** 15 - 1),
  uint16: integer(0, 2 ** 16 - 1),
  int32: integer(-(2 ** 31), 2 ** 31 - 1),
  uint32: integer(0, 2 ** 32 - 1),
  int64: longInteger(-(2n ** 63n), 2n ** 63n - 1n),
  uint64: longInteger(0n, 2n ** 64n - 1n),
  float32: float((number) => Number.isFinite(Math.fround(number)), 'a number in the range of FP32'),
  float64: float(Number.isFinite, 'a number'),
  string: { expected: 'a string', read: (value) => (typeof value === 'string' ? value : undefined) },
};

function integer(min: number, max: number): JsonElement {
  return {
    expected: `an integer from ${min} to ${max}`,
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined,
  };
}

function longInteger(min: bigint, max: bigint): JsonElement {
  return {
    expected: `an integer from ${min} to ${max}, in digits alone above 2^53 - 1`,
    read: (value) => {
      // Others may stand for a neighbour that a double does not have.
      const exact = Number.isSafeInteger(value) ? BigInt(value as number) : value;
      return typeof exact === 'bigint' && exact >= min && exact <= max ? exact : undefined;
    },
  };
}

function float(fits: (number: number) => boolean, expected: string): JsonElement {
  return {
    expected,
    read: (value) => {
      // A long integer beside 64-bit tensors.
      const number = typeof value === 'bigint' ? Number(value) : value;
      return typeof number === 'number' && fits(number) ? number : undefined;
    },
  };
}
