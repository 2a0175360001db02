import type { TensorModel } from './TensorModel';

/** True for an `OnnxModel` or a `TorchModel`, of any copy of Runwright. */
export function isTensorModel(value: unknown): value is TensorModel {
  if (typeof value !== 'object' || value === null) return false;
  const { signature, runMany, release } = value as Partial<Record<keyof TensorModel, unknown>>;
  return typeof signature === 'object' && typeof runMany === 'function' && typeof release === 'function';
}
