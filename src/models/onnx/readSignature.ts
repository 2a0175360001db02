import type { InferenceSession } from 'onnxruntime-common';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import { createSignature } from '../tensor/createSignature';
import type { ModelSignature, ModelTensor } from '../tensor/ModelSignature';
import { modelFileInvalid } from '../value/modelFileInvalid';

/**
 * What a session takes and gives.
 *
 * @param given `batch` as in `OnnxOptions`, `shapeless` as in `OnnxFileScan`
 * @throws RunwrightError RW_MODEL_FILE_INVALID for an input or output that is no tensor, or one of a type that has no array here
 */
export function readSignature(
  { inputMetadata, outputMetadata }: InferenceSession,
  { batch, file, shapeless }: { batch: boolean | undefined; file: string; shapeless: ReadonlySet<string> },
): ModelSignature {
  const read = (side: string, value: InferenceSession.ValueMetadata): ModelTensor =>
    readTensor(value, shapeless.has(value.name), `${file}, ${side} "${value.name}"`);
  const inputs = inputMetadata.map((value) => read('input', value));
  const outputs = outputMetadata.map((value) => read('output', value));
  return createSignature(Object.freeze(inputs), Object.freeze(outputs), { batch, where: file });
}

function readTensor(value: InferenceSession.ValueMetadata, shapeless: boolean, where: string): ModelTensor {
  const { name } = value;
  if (name === '__proto__') {
    const hint = 'Give it another name when the model is exported';
    throw modelFileInvalid(where, 'no object can hold a tensor under this name', { hint });
  }
  if (!value.isTensor) {
    throw modelFileInvalid(where, 'it is a sequence, a map or an optional value, not a tensor', {
      hint: 'Export the model with tensors as its inputs and outputs',
    });
  }
  if (!isTensorType(value.type)) {
    throw modelFileInvalid(
      where,
      `its elements are ${value.type}, for which there is no array in JavaScript`,
      {
        hint: `Put a Cast behind the input or before the output; types are ${Object.keys(TENSOR_ELEMENTS).join(', ')}`,
      },
    );
  }
  const tensor = { name, dtype: value.type, shape: Object.freeze([...value.shape]) };
  // A session gives no dimensions for a scalar, and none for what it does not know.
  return Object.freeze(shapeless && tensor.shape.length === 0 ? { ...tensor, anyShape: true } : tensor);
}

const isTensorType = (type: string): type is TensorType => Object.hasOwn(TENSOR_ELEMENTS, type);
