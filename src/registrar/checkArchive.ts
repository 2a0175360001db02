import { canonicalJson } from '../artifact/canonicalJson';
import { RunwrightError } from '../errors/RunwrightError';
import type { ManifestRunner, RunnerManifest } from '../packer/manifest/RunnerManifest';
import { checkPackage } from './checkPackage';
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
  const { codeFile, manifest } = await openRunner(source, options);
  const wanted = { exportName: manifest.runner.export };
  const found = await checkPackage({ codeFile, wanted, entry: source.where }, options.signal);
  refuseOther(manifest.runner, found, source.where);
  return manifest;
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
