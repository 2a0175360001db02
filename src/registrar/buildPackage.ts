import { resolve } from 'node:path';
import type { Digest } from '../artifact/Digest';
import { HashingBlobSink } from '../artifact/HashingBlobSink';
import { resolveArtifacts } from '../packer/artifacts/resolveArtifacts';
import { NOTHING_KEPT } from './KeptModel';
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

export interface BuiltPackage {
  /** Absolute path of the archive. */
  readonly file: string;
  /** Of the package, which is the digest that a registry gives it; not of the file. */
  readonly digest: Digest;
  /** Bytes of the file. */
  readonly size: number;
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
  const { writePackage } = await import('./writePackage.js');
  const { writeArchive } = await import('../packer/archive/writeArchive.js');
  return withEntry(options, async (code, { definition, runner, namespace }) => {
    const modelInstance =
      modelExport === undefined ? undefined : await readModelExport(namespace, modelExport, code.entry);
    const file = resolve(options.file ?? `${runner.name}.runwright.tar`);
    return writePackage<HashingBlobSink, BuiltPackage>(
      {
        runner,
        code,
        save: modelSaver(definition, modelInstance),
        kept: NOTHING_KEPT,
        artifacts,
        signal,
        onProgress,
      },
      async (use) => use(new HashingBlobSink()),
      async ({ manifest, digest, blobs }, sink) => {
        onProgress?.({ phase: 'publish' });
        const { size } = await writeArchive({
          file,
          manifest,
          manifestDigest: digest,
          name: runner.name,
          blobs,
          source: sink,
          ...(signal && { signal }),
        });
        return { file, digest, size };
      },
    );
  });
}
