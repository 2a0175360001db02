import type { Tensor } from 'onnxruntime-common';
import type { ModelSignature } from './ModelSignature';

/** Tensors by the names of the model's inputs or outputs. */
export type TensorRecord = Readonly<Record<string, Tensor>>;

export interface TensorRunOptions {
  /** Work that has not begun is dropped when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/** A model whose inputs and outputs are tensors with names: `OnnxModel`, `TorchModel`. */
export interface TensorModel {
  readonly signature: ModelSignature;
  /**
   * Every output for one set of inputs, each of the full shape that the signature says.
   *
   * @throws RunwrightError RW_TENSOR_INVALID for inputs that do not fit, with the name, what is expected and what was received
   */
  run(inputs: TensorRecord, options?: TensorRunOptions): Promise<TensorRecord>;
  /**
   * The outputs of many sets of inputs, in their order. Where the signature has `batch`, those whose other dimensions are equal
   * are stacked along dimension 0 into one run and split again (each may have any number of rows); otherwise one by one.
   */
  runMany(items: readonly TensorRecord[], options?: TensorRunOptions): Promise<TensorRecord[]>;
  /** Frees what the model holds. Once is enough; more often is no error. */
  release(): Promise<void>;
}
