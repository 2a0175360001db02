import { canonicalJson } from '../artifact/canonicalJson';
import { RunwrightError } from '../errors/RunwrightError';
import type { ManifestRunner, RunnerManifest } from '../packer/manifest/RunnerManifest';
import { describeRunner } from '../packer/manifest/describeRunner';
import { scanRunner } from '../scanner/scanRunner';
import { checkPackage } from './checkPackage';
import { runnerClassSource } from './runnerClassSource';
import type { RunnerClassSource } from './RunnerSpec';
import { openRunner, type OpenRunnerOptions, type RunnerSource } from './openRunner';

/**
 * Opens a package, loads its code once in a process of its own, with its requirements, and compares what a scan finds
 * there with what its manifest says.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_REQUIREMENT_INSTALL,
 *   RW_PACKAGE_CHECK_FAILED, or what the code itself is refused for
 */
export async function checkArchive(
  source: RunnerSource,
  options: OpenRunnerOptions,
): Promise<RunnerManifest> {
  const opened = await openRunner(source, options);
  const { manifest } = opened;
  const found = await describe(runnerClassSource(opened), source.where, options.signal);
  refuseOther(manifest.runner, found, source.where);
  return manifest;
}

async function describe(
  source: RunnerClassSource,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<ManifestRunner> {
  if (source.kind === 'module') return checkPackage({ ...source, entry }, signal);
  const { makeModelRunner } = await import('../models/tensor/makeModelRunner.js');
  return describeRunner(scanRunner(makeModelRunner(source)), null);
}

/** The schemas are left out: they depend on the version of the validating library. */
function refuseOther(said: ManifestRunner, found: ManifestRunner, where: string): void {
  const [a, b] = [said, found].map(({ name, className, stages, batch, stream, input, output }) =>
    canonicalJson({ name, className, stages, batch, stream, input: input.type, output: output.type }),
  );
  if (a && b && a.equals(b)) return;
  throw new RunwrightError('RW_PACKAGE_CHECK_FAILED', {
    where,
    what: `its runwright.json does not describe the class ${found.className} that its code holds`,
    hint: 'Build the package again',
  });
}
