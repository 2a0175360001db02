import type { PreprocessOptions } from '../metadata/options';
import { stageDecorator } from './stageDecorator';
import type { PreprocessMethod, StageDecorator } from './stageMethods';

/**
 * Marks the method that turns validated input into what the model takes: `(data, context) => modelInput`.
 *
 * @example
 * @Preprocess({ input: () => IrisInput }) features(data: IrisInput): number[] { ... }
 */
export function Preprocess(options: PreprocessOptions = {}): StageDecorator<PreprocessMethod> {
  return stageDecorator('preprocess', options);
}
