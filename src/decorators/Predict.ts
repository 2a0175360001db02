import type { BatchOptions, PredictOptions } from '../metadata/options';
import { stageDecorator } from './stageDecorator';
import type { BatchPredictMethod, PredictMethod, StageDecorator, StreamPredictMethod } from './stageMethods';

/**
 * Marks the method that runs the model: `(model, modelInput, context) => modelOutput`. A runner must have one.
 *
 * With `{ batch: { maxSize } }` it takes and returns arrays, one for one; the inputs of concurrent calls share them. With
 * `{ stream: true }`, or written as an async generator, it returns an async iterable. Batch and stream together are refused.
 *
 * @example
 * @Predict() predict(model: Forest, features: number[]): Vote { ... }
 * @Predict({ batch: { maxSize: 32 } }) predict(model: Forest, rows: number[][]): Vote[] { ... }
 * @Predict() async *tokens(model: Llm, prompt: string) { yield ...; }
 */
export function Predict(
  options: PredictOptions & { batch: BatchOptions; stream?: false },
): StageDecorator<BatchPredictMethod>;
export function Predict(
  options: PredictOptions & { stream: true; batch?: never },
): StageDecorator<StreamPredictMethod>;
export function Predict(
  options?: PredictOptions & { batch?: never; stream?: false },
): StageDecorator<PredictMethod>;
export function Predict(options: PredictOptions = {}): ReturnType<typeof stageDecorator> {
  return stageDecorator('predict', options);
}
