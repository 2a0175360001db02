import type { TypeRef } from './TypeRef';

export interface RunnerOptions {
  /** Name of the runner; by default the class's name. Lower-case letters, digits, `.`, `_` and `-` make it fit for URLs. */
  name?: string;
  description?: string;
  /** How the Open Inference Protocol shows the runner. */
  oip?: OipOptions;
}

export interface OipOptions {
  /**
   * True (the default) when every tensor of a request begins with the dimension of the batch, so that N rows are N items.
   * False for a runner whose items cannot be batched: the declared shapes are those of the protocol.
   */
  batch?: boolean;
}

export interface PreprocessOptions {
  /** Type of what the caller sends. */
  input?: TypeRef;
}

export interface BatchOptions {
  /** Most items that one call of predict may get; a positive integer. */
  maxSize: number;
  /** Milliseconds that an item may wait for others while the model is idle. Default 0: an idle model starts at once. */
  maxDelay?: number;
  /** What one item (what preprocess returned) costs, in the unit of `maxCost`: tokens, pixels. Default 1. */
  cost?: (modelInput: never) => number;
  /** Most that the items of one call may cost together; one item alone may cost more. Default: no limit. */
  maxCost?: number;
  /**
   * Only items of one bucket go into one call. `'shape'`: those whose tensors (and nested arrays) have the same shapes;
   * a function gives the name of an item's bucket. Default: all items fit together.
   */
  bucket?: 'shape' | ((modelInput: never) => string);
}

export interface PredictOptions {
  /** Type of what the caller sends, when there is no `@Preprocess`. With `batch`, the type of one item. */
  input?: TypeRef;
  /** Type of what the caller gets, when there is no `@Postprocess`. With `batch` or `stream`, the type of one item. */
  output?: TypeRef;
  /** Predict takes an array of inputs and returns an array of outputs, one for one. */
  batch?: BatchOptions;
  /** Predict returns an async iterable; every item is postprocessed and validated. Implied by `async *`. */
  stream?: boolean;
}

export interface PostprocessOptions {
  /** Type of what the caller gets. With `stream`, the type of one item. */
  output?: TypeRef;
}

/** Options of every stage, as the decorators write them and the scanner reads them. */
export interface StageOptions extends PreprocessOptions, PredictOptions, PostprocessOptions {}
