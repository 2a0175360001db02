import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../artifact/canonicalJson';
import { RunwrightError } from '../errors/RunwrightError';
import { readCodeTar } from '../packer/archive/readCodeTar';
import type { ManifestRunner, RunnerManifest } from '../packer/manifest/RunnerManifest';
import { parseRunnerManifest } from '../packer/manifest/parseRunnerManifest';
import { checkEngines } from '../packer/package/checkEngines';
import { readBlob } from '../packer/package/readBlob';
import { readContents } from '../packer/package/readContents';
import { installRequirements } from '../packer/requirements/installRequirements';
import { cacheDirectory } from './cacheDirectory';
import { checkPackage } from './checkPackage';
import { hostVersions } from './hostVersions';
import type { OpenRunnerOptions, RunnerSource } from './openRunner';
import { withTemporaryFolder } from './withTemporaryFolder';

/**
 * Loads the code of a package once in a process of its own, with its requirements, and compares what a scan finds there
 * with what its manifest says.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_REQUIREMENT_INSTALL,
 *   RW_PACKAGE_CHECK_FAILED, or what the code itself is refused for
 */
export async function checkArchive(
  { manifest: bytes, blobs, where }: RunnerSource,
  { cache, allowScripts, signal }: OpenRunnerOptions,
): Promise<RunnerManifest> {
  const contents = readContents(bytes, where);
  const manifest = parseRunnerManifest(await readBlob(blobs, contents.runnerManifest, where), where);
  await checkEngines(manifest, hostVersions(), where);
  const code = await readCodeTar(await readBlob(blobs, contents.code, where));
  const store = join(cacheDirectory(cache), 'requirements');
  const installed = await installRequirements(manifest.requirements, {
    store,
    allowScripts,
    ...(signal && { signal }),
  });
  await withTemporaryFolder(async (folder) => {
    for (const [path, file] of code) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), file);
    }
    if (installed) await symlink(installed.nodeModules, join(folder, 'node_modules'), 'junction');
    const codeFile = join(folder, manifest.code[0]?.path ?? '');
    const wanted = { exportName: manifest.runner.export };
    refuseOther(manifest.runner, await checkPackage({ codeFile, wanted, entry: where }, signal), where);
  });
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
