import { parseRunnerManifest } from '../packer/manifest/parseRunnerManifest';
import type { RunnerManifest } from '../packer/manifest/RunnerManifest';
import type { PackageContents } from '../packer/package/PackageContents';
import { readBlob } from '../packer/package/readBlob';
import { readContents } from '../packer/package/readContents';
import type { Registry, ResolvedModel } from '../registry/Registry';

/** Both manifests of a package in a registry; no other blob is read and no code runs. */
export async function readPackage(
  registry: Registry,
  resolved: ResolvedModel,
  where: string,
): Promise<{ contents: PackageContents; manifest: RunnerManifest }> {
  const contents = readContents(resolved.manifest, where);
  const bytes = await readBlob(registry.blobs(resolved), contents.runnerManifest, where);
  return { contents, manifest: parseRunnerManifest(bytes, where) };
}
