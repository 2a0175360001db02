import { resolveArtifacts } from '../packer/artifacts/resolveArtifacts';
import { checkCode } from './checkCode';
import { checkCombination } from './checkCombination';
import { modelSaver } from './modelSaver';
import { openTarget } from './openTarget';
import { publishPackage } from './publishPackage';
import { readModelExport } from './readModelExport';
import { refuseAborted } from '../errors/refuseAborted';
import type { RegisteredModel, RegisterRunnerOptions } from './RegisterModelOptions';
import { withEntry } from './withEntry';

export interface RegisterEntryOptions extends Omit<RegisterRunnerOptions, 'runner' | 'modelInstance'> {
  /** The entry's export that is the model instance, or a function that makes it. */
  readonly modelExport?: string | undefined;
}

/** `registerModel` for a program that has a file instead of a class, such as the command line. */
export async function registerEntry(options: RegisterEntryOptions): Promise<RegisteredModel> {
  const { signal, onProgress, exportName, modelExport, logger } = options;
  const target = await openTarget(options);
  const artifacts = await resolveArtifacts(options.artifacts ?? {});
  onProgress?.({ phase: 'bundle' });
  return withEntry(options, async (code, { definition, namespace, runner: scanned }) => {
    const hasArtifacts = artifacts.files.length > 0;
    checkCombination(definition, {
      existing: target.existing,
      hasInstance: modelExport !== undefined,
      hasArtifacts,
    });
    refuseAborted(signal, 'registration');
    onProgress?.({ phase: 'check' });
    const runner = await checkCode(code, { exportName: exportName ?? scanned.export ?? undefined }, signal);
    const modelInstance =
      modelExport === undefined ? undefined : await readModelExport(namespace, modelExport, code.entry);
    refuseAborted(signal, 'registration');
    return publishPackage(target, {
      runner,
      code,
      save: modelSaver(definition, modelInstance, logger),
      artifacts,
      signal,
      onProgress,
    });
  });
}
