import type { Tensor } from 'onnxruntime-common';
import type { TensorArray } from './tensorElements';
import type { TensorType } from './TensorType';

type TensorClass = new (type: string, data: unknown, dims: readonly number[]) => Tensor;

let loaded: TensorClass | undefined;

/**
 * onnxruntime-common's tensor over `data`, which is not copied. The library is loaded by the first call, or by
 * `loadTensorClass`.
 *
 * @param data as in `TENSOR_ELEMENTS`; strings in an array
 * @param dims product equal to the length of `data`; kept, not copied
 */
export function makeTensor(
  dtype: TensorType,
  data: TensorArray | readonly string[],
  dims: readonly number[],
): Tensor {
  return new (loaded ?? loadTensorClass())(dtype, data, dims);
}

/** What the first tensor would otherwise wait for: some milliseconds. */
export function loadTensorClass(): TensorClass {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- late, and must be synchronous
  const library = require('onnxruntime-common') as typeof import('onnxruntime-common');
  return (loaded = library.Tensor as unknown as TensorClass);
}
