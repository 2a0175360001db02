import type { Tensor } from 'onnxruntime-common';
import { makeTensor } from '../../../../src/schema/makeTensor';
import type { TensorType } from '../../../../src/schema/TensorType';
import { TENSOR_ELEMENTS } from '../../../../src/schema/tensorElements';

/** A tensor of plain numbers, bigints or texts. */
export function tensor(
  dtype: TensorType,
  values: readonly (number | bigint | string)[],
  dims: readonly number[],
): Tensor {
  const { array: Elements } = TENSOR_ELEMENTS[dtype];
  if (Elements === undefined) return makeTensor(dtype, values as string[], dims);
  const data = new Elements(values.length);
  data.set(values as never);
  return makeTensor(dtype, data, dims);
}

/** Its type, dimensions and elements, to compare. */
export const plain = ({ type, dims, data }: Tensor): unknown => ({
  type,
  dims: [...dims],
  data: Array.from(data as Iterable<unknown>),
});
