import { refuseAborted } from '../errors/refuseAborted';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobSink } from '../artifact/BlobSink';
import type { ResolvedArtifacts } from '../packer/artifacts/resolveArtifacts';
import { listFolder } from '../packer/artifacts/listFolder';
import type { ManifestRunner } from '../packer/manifest/RunnerManifest';
import { MODEL_FOLDER } from '../packer/package/layout';
import { pack, type PackedPackage, type PackInput } from '../packer/package/pack';
import type { LockedRequirements } from '../packer/requirements/LockedRequirements';
import { codeFiles } from './codeFiles';
import type { KeptModel } from './KeptModel';
import type { ModelSaver } from './modelSaver';
import { PackProgress } from './PackProgress';
import type { PreparedCode } from './prepareCode';
import type { RegisterProgress } from './RegisterModelOptions';
import { withTemporaryFolder } from './withTemporaryFolder';

const NO_REQUIREMENTS: LockedRequirements = { packages: [], lock: null };

export interface PackageParts {
  readonly runner: ManifestRunner;
  /** `undefined` for a runner that is made from its model. */
  readonly code: PreparedCode | undefined;
  /** `undefined`: nothing is saved, and `kept` stands. */
  readonly save: ModelSaver | undefined;
  readonly kept: KeptModel;
  readonly artifacts: ResolvedArtifacts;
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
  const { runner, code, save, artifacts, kept, onProgress, signal } = parts;
  return withTemporaryFolder(async (folder) => {
    const modelFolder = join(folder, MODEL_FOLDER);
    await mkdir(modelFolder);
    if (save) onProgress?.({ phase: 'save' });
    const model = save ? await save(modelFolder) : kept.model;
    refuseAborted(signal, 'registration');
    const files = [...(await listFolder(modelFolder, MODEL_FOLDER)), ...artifacts.files];
    const replaced = new Set(files.map(({ path }) => path));

    const total = files.reduce((sum, { size }) => sum + size, 0);
    const progress = new PackProgress(total, onProgress);
    const input: PackInput = {
      runner,
      code: code ? codeFiles(code.bundle) : new Map(),
      model,
      files,
      kept: kept.files.filter(({ path }) => !replaced.has(path)),
      artifacts: [...new Set([...kept.artifacts, ...artifacts.keys])],
      requirements: code?.requirements ?? NO_REQUIREMENTS,
    };
    return into(async (sink) => {
      const packed = await pack(input, sink, { signal, onBytes: progress.onBytes });
      progress.publish();
      return finish(packed, sink);
    });
  });
}
