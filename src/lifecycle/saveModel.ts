import type { Logger, Props } from '../metadata/contexts';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import type { StageCalls } from './bindStages';
import { checkProps } from './checkProps';
import { stageError } from './stageError';

/**
 * Writes a model instance into an empty folder: by `@Save`, else by the default saver, else (a runner with `@Load`
 * alone, whose user saved the model in another way) not at all.
 *
 * @returns props; `null` when the runner has no `@Save`
 */
export async function saveModel(
  definition: RunnerDefinition,
  calls: StageCalls,
  model: unknown,
  { directory, logger }: { directory: string; logger: Logger },
): Promise<Props | null> {
  const { save, load } = definition.stages;
  if (save && calls.save) {
    let props: unknown;
    try {
      props = await calls.save(model, Object.freeze({ directory, logger }));
    } catch (cause) {
      throw stageError(save, cause);
    }
    return checkProps(props, save.where);
  }
  if (!load) {
    const { saveInstance } = await import('../models/saveInstance.js');
    await saveInstance(model, directory);
  }
  return null;
}
