import type { TensorType } from '../../schema/TensorType';

/** One input or output of a model, as its file declares it. */
export interface ModelTensor {
  readonly name: string;
  readonly dtype: TensorType;
  /**
   * Every dimension, that of the batch included: a size; or the name of a free dimension, the same size wherever the name
   * stands; or `''` for a free one without a name.
   */
  readonly shape: readonly (number | string)[];
  /** The file declares no shape: any number of dimensions of any size, and `shape` is empty. */
  readonly anyShape?: true;
}

/** What a model of tensors takes and gives. Plain JSON. */
export interface ModelSignature {
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
  /** True when dimension 0 of every input and output counts items, so that inputs can be stacked and outputs split. */
  readonly batch: boolean;
  /** Why `batch` is false, for people. */
  readonly batchReason?: string;
}
