import { types } from 'node:util';

/** One kind of value that is saved as raw bytes. */
export interface BinaryKind {
  /** Bytes of one element; elements are little-endian in the file. */
  readonly elementSize: number;
  /** The value on top of `buffer`, without a copy. */
  wrap(buffer: ArrayBuffer): object;
}

const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** Every kind by the name that it has in `model.json`. */
export const BINARY_KINDS: ReadonlyMap<string, BinaryKind> = new Map<string, BinaryKind>([
  ...TYPED_ARRAYS.map((Type): [string, BinaryKind] => [
    Type.name,
    { elementSize: Type.BYTES_PER_ELEMENT, wrap: (buffer) => new Type(buffer) },
  ]),
  ['Buffer', { elementSize: 1, wrap: (buffer) => Buffer.from(buffer) }],
  ['ArrayBuffer', { elementSize: 1, wrap: (buffer) => buffer }],
  ['DataView', { elementSize: 1, wrap: (buffer) => new DataView(buffer) }],
]);

/**
 * The name of a value's kind, or `undefined` when it is none; a subclass of a kind is an instance like any other.
 *
 * @param depth length of the value's prototype chain
 */
export function binaryKindOf(value: object, depth: number): string | undefined {
  if (Buffer.isBuffer(value)) return depth === 4 ? 'Buffer' : undefined;
  if (types.isTypedArray(value)) {
    const kind = value[Symbol.toStringTag];
    return depth === 3 && BINARY_KINDS.has(kind) ? kind : undefined;
  }
  if (depth !== 2) return undefined;
  if (types.isDataView(value)) return 'DataView';
  return types.isArrayBuffer(value) ? 'ArrayBuffer' : undefined;
}

/** The value's own bytes, not the rest of the memory behind it and no copy; `undefined` when they were transferred away. */
export function bytesOf(value: object): Buffer | undefined {
  try {
    if (!ArrayBuffer.isView(value)) return Buffer.from(value as ArrayBuffer);
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  } catch {
    return undefined;
  }
}
