import { stageDecorator } from './stageDecorator';
import type { LoadMethod, StageDecorator } from './stageMethods';

/**
 * Marks the method that makes the model instance: `(props, artifacts, { directory, logger }) => model`.
 *
 * `props` is what `@Save` returned, or `null` when the runner has no `@Save`; `artifacts` maps each registered key to an
 * absolute path; `directory` holds the files that `@Save` wrote.
 *
 * @example
 * @Load() load(props: Props, artifacts: Artifacts, { directory }: LoadContext) { return Forest.read(directory); }
 */
export function Load(): StageDecorator<LoadMethod> {
  return stageDecorator('load');
}
