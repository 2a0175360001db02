import { describeRunner } from '../packer/manifest/describeRunner';
import type { ManifestRunner } from '../packer/manifest/RunnerManifest';
import { importBundle } from '../packer/host/importBundle';
import { registerHost } from '../packer/host/registerHost';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import { scanRunner } from '../scanner/scanRunner';
import { findRunnerExport, type RunnerWanted } from './findRunnerExport';
import { hostNamespace, type ProgramCalls } from './hostNamespace';
import { RegistrationGuard } from './RegistrationGuard';

export interface InspectedCode {
  readonly definition: RunnerDefinition;
  readonly runner: ManifestRunner;
  /** All exports of the bundle. */
  readonly namespace: Readonly<Record<string, unknown>>;
}

/**
 * Imports a bundle into this process and scans its runner. An entry that registers something is refused.
 *
 * @param codeFile absolute path of the bundle
 * @param entry the user's name for it, for messages
 * @param program calls that the code may make; the others are refused
 * @throws RunwrightError RW_ENTRY_INVALID, RW_ENTRY_REGISTERS, RunnerInvalidError
 */
export async function inspectCode(
  codeFile: string,
  wanted: RunnerWanted,
  entry: string,
  program: Partial<ProgramCalls> = {},
): Promise<InspectedCode> {
  const guard = new RegistrationGuard();
  const host = registerHost(
    hostNamespace({
      buildPackage: guard.refuse('buildPackage'),
      createModel: guard.refuse('createModel'),
      loadModel: guard.refuse('loadModel'),
      registerModel: guard.refuse('registerModel'),
      ...program,
    }),
  );
  let namespace: Record<string, unknown>;
  try {
    namespace = await importBundle(codeFile, host);
  } catch (error) {
    guard.throwIfCalled();
    throw error;
  }
  guard.throwIfCalled();
  const { exportName, runnerClass } = findRunnerExport(namespace, wanted, entry);
  const definition = scanRunner(runnerClass);
  return { definition, runner: describeRunner(definition, exportName), namespace };
}
