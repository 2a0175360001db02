import { bindStages } from '../lifecycle/bindStages';
import { saveModel } from '../lifecycle/saveModel';
import { silentLogger } from '../lifecycle/silentLogger';
import type { Logger } from '../metadata/contexts';
import { isTensorModel } from '../models/tensor/isTensorModel';
import { savedFormatOf } from '../models/savedFormatOf';
import type { ManifestModel } from '../packer/manifest/RunnerManifest';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';

/** Writes a model into an empty folder, and says what the manifest shall say of it. */
export type ModelSaver = (directory: string) => Promise<ManifestModel>;

/** How a runner's model instance is saved: by its `@Save`, else by the default saver. `undefined` when none was given. */
export function modelSaver(
  definition: RunnerDefinition,
  modelInstance: unknown,
  logger: Logger = silentLogger,
): ModelSaver | undefined {
  if (modelInstance === undefined) return undefined;
  return async (directory) => {
    const props = await saveModel(definition, bindStages(definition), modelInstance, { directory, logger });
    const { save: ownSave, load } = definition.stages;
    if (ownSave) return { format: 'user-defined', props };
    if (load) return { format: 'external', props };
    return {
      format: (await savedFormatOf(directory)) ?? 'default',
      props,
      ...(isTensorModel(modelInstance) && { signature: modelInstance.signature }),
    };
  };
}
