import type { BuiltPackage } from './writePackageFile';
import { resolveArtifacts } from '../packer/artifacts/resolveArtifacts';
import type { RegisterProgress } from './RegisterModelOptions';
import { modelSaver } from './modelSaver';
import type { EntryOptions } from './withStagedEntry';

export interface BuildOptions extends EntryOptions {
  /** Where the archive is written. Default: the runner's name and `.runwright.tar`, in the working directory. */
  readonly file?: string | undefined;
  /** The entry's export that is the model instance, or a function that makes it. */
  readonly modelExport?: string | undefined;
  /** Local path to path in the package; a trailing `/*` on both sides takes a folder. */
  readonly artifacts?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ((progress: RegisterProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a package as one file, an OCI archive that `runwright register` and tools such as skopeo read. The runner is
 * scanned in this process; `register` loads it once more in a process of its own.
 *
 * @throws RunwrightError; as `registerModel` does for an entry, a model or an artifact
 */
export async function buildPackage(options: BuildOptions): Promise<BuiltPackage> {
  const { signal, onProgress, modelExport } = options;
  const artifacts = await resolveArtifacts(options.artifacts ?? {});
  onProgress?.({ phase: 'bundle' });
  const { withEntry } = await import('./withEntry.js');
  const { readModelExport } = await import('./readModelExport.js');
  const { writePackageFile } = await import('./writePackageFile.js');
  return withEntry(options, async (code, { definition, runner, namespace }) => {
    const modelInstance =
      modelExport === undefined ? undefined : await readModelExport(namespace, modelExport, code.entry);
    const save = modelSaver(definition, modelInstance);
    return writePackageFile({ runner, code, save, artifacts, signal, onProgress }, options.file);
  });
}
