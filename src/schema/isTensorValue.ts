import type { TensorArray } from './tensorElements';

/** What every copy of onnxruntime-common's `Tensor` has, with its data in this process's memory. */
export interface TensorValue {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorArray | readonly string[];
}

/**
 * True for a tensor of any copy of onnxruntime-common whose data is on the CPU. Told by its shape, as several copies of
 * the library may be loaded; a plain object, such as JSON gives, is never one.
 */
export function isTensorValue(value: unknown): value is TensorValue {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    // The second question knows the plain objects of other realms too.
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return false;
    const { type, dims } = value as { type?: unknown; dims?: unknown };
    if (typeof type !== 'string' || !Array.isArray(dims)) return false;
    const { location } = value as { location?: unknown };
    if (location !== 'cpu' && location !== 'cpu-pinned') return false;
    // A getter, which throws once the tensor is disposed of.
    const { data } = value as { data?: unknown };
    return type === 'string' ? Array.isArray(data) : ArrayBuffer.isView(data) && 'length' in data;
  } catch {
    return false;
  }
}
