import { stageDecorator } from './stageDecorator';
import type { SaveMethod, StageDecorator } from './stageMethods';

/**
 * Marks the method that writes a model instance to files: `(model, { directory, logger }) => props`.
 *
 * It returns a record of strings, which `@Load` gets back. A class with `@Save` must have `@Load`.
 *
 * @example
 * @Save() save(model: Forest, { directory }: SaveContext) { ...; return { file: 'forest.json' }; }
 */
export function Save(): StageDecorator<SaveMethod> {
  return stageDecorator('save');
}
