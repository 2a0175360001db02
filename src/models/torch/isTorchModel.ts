import type { TorchModel } from './TorchModel';

export const TORCH_MODEL = Symbol.for('runwright.torch-model');

/** True for a `TorchModel` of any copy of Runwright. */
export function isTorchModel(value: unknown): value is TorchModel {
  return typeof value === 'object' && value !== null && TORCH_MODEL in value;
}
