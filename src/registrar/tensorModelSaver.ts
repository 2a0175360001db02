import { saveInstance } from '../models/saveInstance';
import type { TensorModel } from '../models/tensor/TensorModel';
import type { ModelSaver } from './modelSaver';

/** How a model of tensors is saved that a runner was made from. */
export function tensorModelSaver(model: TensorModel, format: 'onnx' | 'torch'): ModelSaver {
  return async (directory) => {
    await saveInstance(model, directory);
    return { format, props: null, signature: model.signature };
  };
}
