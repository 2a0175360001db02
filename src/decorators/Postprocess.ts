import type { PostprocessOptions } from '../metadata/options';
import { stageDecorator } from './stageDecorator';
import type { PostprocessMethod, StageDecorator } from './stageMethods';

/**
 * Marks the method that turns what the model returned into the answer: `(modelOutput, context) => output`.
 *
 * @example
 * @Postprocess({ output: () => IrisOutput }) answer(vote: Vote): IrisOutput { ... }
 */
export function Postprocess(options: PostprocessOptions = {}): StageDecorator<PostprocessMethod> {
  return stageDecorator('postprocess', options);
}
