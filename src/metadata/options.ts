import type { TypeRef } from './TypeRef';

export interface RunnerOptions {
  /** Name of the runner; by default the class's name. Lower-case letters, digits, `.`, `_` and `-` make it fit for URLs. */
  name?: string;
  description?: string;
}

export interface PreprocessOptions {
  /** Type of what the caller sends. */
  input?: TypeRef;
}

export interface BatchOptions {
  /** Most items that one call of predict may get; a positive integer. */
  maxSize: number;
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
