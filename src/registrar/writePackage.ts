import { refuseAborted } from '../errors/refuseAborted';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobSink } from '../artifact/BlobSink';
import { bindStages } from '../lifecycle/bindStages';
import { saveModel } from '../lifecycle/saveModel';
import { silentLogger } from '../lifecycle/silentLogger';
import type { Logger, Props } from '../metadata/contexts';
import type { ResolvedArtifacts } from '../packer/artifacts/resolveArtifacts';
import { listFolder } from '../packer/artifacts/listFolder';
import type { ManifestRunner, ModelFormat } from '../packer/manifest/RunnerManifest';
import { MODEL_FOLDER } from '../packer/package/layout';
import { pack, type PackedPackage, type PackInput } from '../packer/package/pack';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import { codeFiles } from './codeFiles';
import type { KeptModel } from './KeptModel';
import type { PreparedCode } from './prepareCode';
import type { RegisterProgress } from './RegisterModelOptions';
import { withTemporaryFolder } from './withTemporaryFolder';

export interface PackageParts {
  readonly definition: RunnerDefinition;
  readonly runner: ManifestRunner;
  readonly code: PreparedCode;
  /** `undefined`: nothing is saved, and `kept` stands. */
  readonly modelInstance: unknown;
  readonly kept: KeptModel;
  readonly artifacts: ResolvedArtifacts;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RegisterProgress) => void) | undefined;
}

/**
 * Saves the model into a folder of its own and packs everything.
 *
 * @param into opens the sink, gives it to its argument, and cleans up; called when the model has been saved, so that nothing
 *   is written to a registry before that
 * @param finish gets the package while the saved files still stand
 */
export function writePackage<S extends BlobSink, T>(
  parts: PackageParts,
  into: (use: (sink: S) => Promise<T>) => Promise<T>,
  finish: (packed: PackedPackage, sink: S) => Promise<T>,
): Promise<T> {
  const { definition, artifacts, kept, onProgress, signal } = parts;
  return withTemporaryFolder(async (folder) => {
    const modelFolder = join(folder, MODEL_FOLDER);
    await mkdir(modelFolder);
    const model = await save(parts, modelFolder);
    refuseAborted(signal, 'registration');
    const files = [...(await listFolder(modelFolder, MODEL_FOLDER)), ...artifacts.files];
    const replaced = new Set(files.map(({ path }) => path));

    const total = files.reduce((sum, { size }) => sum + size, 0);
    let bytes = 0;
    const onBytes = (count: number): void => onProgress?.({ phase: 'pack', bytes: (bytes += count), total });
    onProgress?.({ phase: 'pack', bytes, total });
    const input: PackInput = {
      runner: parts.runner,
      code: codeFiles(parts.code.bundle),
      model,
      files,
      kept: kept.files.filter(({ path }) => !replaced.has(path)),
      artifacts: [...new Set([...kept.artifacts, ...artifacts.keys])],
      requirements: parts.code.requirements,
    };
    return into(async (sink) => finish(await pack(input, sink, { signal, onBytes }), sink));
  });

  async function save(
    { modelInstance, logger = silentLogger }: PackageParts,
    directory: string,
  ): Promise<{ format: ModelFormat; props: Props | null }> {
    if (modelInstance === undefined) return { format: kept.format, props: kept.props };
    onProgress?.({ phase: 'save' });
    const props = await saveModel(definition, bindStages(definition), modelInstance, { directory, logger });
    const { save: ownSave, load } = definition.stages;
    return { format: ownSave ? 'user-defined' : load ? 'external' : 'default', props };
  }
}
