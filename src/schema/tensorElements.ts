import type { TensorType } from './TensorType';

export type TensorArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface TensorElement {
  /** The typed array of elements as they lie in memory; `undefined` for strings. float16 is its bits, bool is 0 or 1. */
  readonly array:
    | {
        new (length: number): TensorArray;
        new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TensorArray;
        readonly name: string;
      }
    | undefined;
  /** Bytes of one element; 0 for strings, which have no fixed length. */
  readonly bytes: number;
}

/** How the elements of each type of tensor are kept. */
export const TENSOR_ELEMENTS: Readonly<Record<TensorType, TensorElement>> = Object.freeze({
  float32: { array: Float32Array, bytes: 4 },
  float64: { array: Float64Array, bytes: 8 },
  float16: { array: Uint16Array, bytes: 2 },
  int8: { array: Int8Array, bytes: 1 },
  uint8: { array: Uint8Array, bytes: 1 },
  int16: { array: Int16Array, bytes: 2 },
  uint16: { array: Uint16Array, bytes: 2 },
  int32: { array: Int32Array, bytes: 4 },
  uint32: { array: Uint32Array, bytes: 4 },
  int64: { array: BigInt64Array, bytes: 8 },
  uint64: { array: BigUint64Array, bytes: 8 },
  bool: { array: Uint8Array, bytes: 1 },
  string: { array: undefined, bytes: 0 },
});
