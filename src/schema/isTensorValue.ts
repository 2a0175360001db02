import { isTensorLike } from './isTensorLike';
import type { TensorArray } from './tensorElements';

/** What every copy of onnxruntime-common's `Tensor` has, with its data in this process's memory. */
export interface TensorValue {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorArray | readonly string[];
}

/** True for a tensor of any copy of onnxruntime-common whose data is on the CPU. */
export function isTensorValue(value: unknown): value is TensorValue {
  try {
    if (!isTensorLike(value)) return false;
    const { type } = value;
    const { location } = value as { location?: unknown };
    if (location !== 'cpu' && location !== 'cpu-pinned') return false;
    // A getter, which throws once the tensor is disposed of.
    const { data } = value as { data?: unknown };
    return type === 'string' ? Array.isArray(data) : ArrayBuffer.isView(data) && 'length' in data;
  } catch {
    return false;
  }
}
