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
  /**
   * As `run`, for inputs that the check of the same signature has let through. Absent where that saves nothing.
   *
   * @param succeed makes the answer; here, and not behind a promise more, which costs as much as a small model
   * @param fail gets the failure that `run` would have thrown, and throws its own
   */
  runJudged?<T>(
    inputs: TensorRecord,
    succeed: (outputs: TensorRecord) => T | Promise<T>,
    fail: (cause: unknown) => never,
  ): Promise<T>;
  /** Frees what the model holds. Once is enough; more often is no error. */
  release(): Promise<void>;
}

/** A model that need not judge what was judged already. */
export type JudgedTensorModel = TensorModel & Required<Pick<TensorModel, 'runJudged'>>;
