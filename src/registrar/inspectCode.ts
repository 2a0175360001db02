import { describeRunner } from '../packer/manifest/describeRunner';
import type { ManifestRunner } from '../packer/manifest/RunnerManifest';
import { importBundle } from '../packer/host/importBundle';
import { registerHost } from '../packer/host/registerHost';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import { scanRunner } from '../scanner/scanRunner';
import { findRunnerExport, type RunnerWanted } from './findRunnerExport';
import { hostNamespace, type LoadModel } from './hostNamespace';
import { RegistrationGuard } from './RegistrationGuard';

export interface InspectedCode {
  readonly definition: RunnerDefinition;
  readonly runner: ManifestRunner;
  /** All exports of the bundle. */
  readonly namespace: Readonly<Record<string, unknown>>;
  /** Throws when the code has called something that writes packages, now or later. */
  readonly guard: RegistrationGuard;
}

/**
 * Imports a bundle into this process and scans its runner. An entry that registers something is refused.
 *
 * @param codeFile absolute path of the bundle
 * @param entry the user's name for it, for messages
 * @throws RunwrightError RW_ENTRY_INVALID, RW_ENTRY_REGISTERS, RunnerInvalidError
 */
export async function inspectCode(
  codeFile: string,
  wanted: RunnerWanted,
  entry: string,
  loadModel: LoadModel,
): Promise<InspectedCode> {
  const guard = new RegistrationGuard();
  const namespace = await importGuarded(
    codeFile,
    entry,
    registerHost(hostNamespace(loadModel, guard)),
    guard,
  );
  const { exportName, runnerClass } = findRunnerExport(namespace, wanted, entry);
  const definition = scanRunner(runnerClass);
  return { definition, runner: describeRunner(definition, exportName), namespace, guard };
}

async function importGuarded(
  codeFile: string,
  entry: string,
  host: string,
  guard: RegistrationGuard,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importBundle(codeFile, host, entry);
  } finally {
    // Before any other fault: an import that fails because it registers shall say so.
    guard.throwIfCalled();
  }
}
