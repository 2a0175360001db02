import type { ModelTensor } from '../../models/tensor/ModelSignature';

/** An input of a model, with what its values may be. */
export interface CaseInput extends ModelTensor {
  /** Least and largest value. */
  readonly range?: readonly [min: number, max: number] | undefined;
  /** Values that the model is sure to take: tensors, or nested arrays, of the full shape. */
  readonly examples?: readonly unknown[] | undefined;
}
