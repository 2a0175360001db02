import type { TensorType } from '../../schema/TensorType';

/** What a torch model takes, as its author knows it: a TorchScript file says only the names. */
export interface TorchInput {
  /** The name of forward's parameter; or a name of your own, where all are and they stand in forward's order. */
  readonly name: string;
  readonly dtype: TensorType;
  /**
   * Every dimension, that of the batch included: a size; the name of a free dimension, the same size wherever the name stands;
   * or -1 for a free one without a name. Where dimension 0 of all inputs and outputs has one name, such as `batch`, items are
   * stacked along it.
   */
  readonly shape: readonly (number | string)[];
  /** The least and the largest value that generated inputs may have; for the ids of an embedding, `[0, size - 1]`. */
  readonly range?: readonly [min: number, max: number] | undefined;
  /** Values of this input that generated ones are to be like: tensors or nested arrays of the shape above. */
  readonly examples?: readonly unknown[] | undefined;
}
