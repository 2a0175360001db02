import { resolve } from 'node:path';
import { RunwrightError } from '../errors/RunwrightError';
import type { ExecutionOptions } from '../execution/ExecutionOptions';
import { planExecution } from '../execution/planExecution';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { Logger } from '../metadata/contexts';
import { resolveArtifacts } from '../packer/artifacts/resolveArtifacts';
import { withRunner } from './withRunner';
import { withStagedEntry, type EntryOptions } from './withStagedEntry';

export interface EntryRunnerOptions extends EntryOptions, ExecutionOptions {
  /** The entry's export that is the model instance, or a function that makes it. */
  readonly modelExport?: string | undefined;
  /** Local path to path in the package; a trailing `/*` on both sides takes a folder. */
  readonly artifacts?: Readonly<Record<string, string>> | undefined;
  /** Inputs that are run before the handle is ready, in every worker. JSON, where there are workers. */
  readonly warmUp?: readonly unknown[] | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a runner from its sources, as they are now: nothing is packed, and artifacts are read where they lie. The handle
 * is closed after `use`.
 *
 * @throws RunwrightError; as `buildPackage` does for an entry, and as `createRunner` does for a model
 */
export async function withEntryRunner<T>(
  options: EntryRunnerOptions,
  use: (handle: RunnerHandle) => Promise<T>,
): Promise<T> {
  const { exportName, runnerName, modelExport = null } = options;
  const plan = planExecution('withEntryRunner', options);
  const artifacts = await localArtifacts(options.artifacts ?? {});
  return withStagedEntry(options, async ({ entry }, codeFile) => {
    const spec = {
      source: { kind: 'module', codeFile, wanted: { exportName, runnerName } } as const,
      where: entry,
      props: null,
      artifacts,
      directory: null,
      modelExport,
      warmUp: options.warmUp,
      requirements: [],
    };
    return withRunner(spec, plan, options, use);
  });
}

/** Registered key to where the file or folder is now, which is what `@Load` gets. */
async function localArtifacts(artifacts: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  await resolveArtifacts(artifacts);
  const found = new Map<string, string>();
  for (const [local, key] of Object.entries(artifacts)) {
    if (found.has(key)) {
      throw new RunwrightError('RW_ARTIFACT_INVALID', {
        where: `artifact "${local}"`,
        what: `another folder goes to "${key}" too, and the two are one folder in a package only`,
        hint: 'Build the package, and use the archive',
      });
    }
    found.set(key, resolve(local.replace(/\/?\*$/, '') || '.'));
  }
  return Object.fromEntries(found);
}
