import { RunwrightError } from '../../errors/RunwrightError';

/** @param where the model and the tensor: `mlp.onnx, input "features"` */
export function tensorInvalid(where: string, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_TENSOR_INVALID', { where, what, hint });
}
