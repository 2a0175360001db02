import { readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hexOf } from '../artifact/Digest';
import { digestOf } from '../artifact/digestOf';
import type { BlobSource } from '../artifact/BlobSource';
import { makeFolder } from '../artifact/makeFolder';
import { ioError } from '../errors/ioError';
import { parseRunnerManifest } from '../packer/manifest/parseRunnerManifest';
import { checkEngines } from '../packer/package/checkEngines';
import type { OpenedPackage } from '../packer/package/OpenedPackage';
import { openPackage } from '../packer/package/openPackage';
import { readBlob } from '../packer/package/readBlob';
import { readContents } from '../packer/package/readContents';
import type { LockedRequirements } from '../packer/requirements/LockedRequirements';
import { cacheDirectory } from '../artifact/cacheDirectory';
import { hostVersions } from './hostVersions';
import type { TransferProgress } from './TransferProgress';

export interface OpenRunnerOptions {
  /** Where opened packages and installed requirements are kept. Default `$RUNWRIGHT_CACHE`, else `~/.runwright/cache`. */
  readonly cache?: string | undefined;
  /** Requirements whose npm install scripts may run. None by default. */
  readonly allowScripts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called while a package is fetched from a registry that is far away. What is on this machine already is not fetched. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface RunnerSource {
  /** The OCI manifest, byte for byte. */
  readonly manifest: Uint8Array;
  readonly blobs: BlobSource;
  /** The reference or file, for messages. */
  readonly where: string;
}

/**
 * Opens a package in the cache with its requirements beside it, ready to be imported. Nothing of it has run yet.
 *
 * @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_REQUIREMENT_INSTALL, RW_IO
 */
export async function openRunner(
  { manifest, blobs, where }: RunnerSource,
  options: OpenRunnerOptions,
): Promise<OpenedPackage> {
  const cache = cacheDirectory(options.cache);
  const contents = readContents(manifest, where);
  const runnerManifest = parseRunnerManifest(await readBlob(blobs, contents.runnerManifest, where), where);
  await checkEngines(runnerManifest, hostVersions(), where);
  const nodeModules = await install(runnerManifest.requirements, join(cache, 'requirements'), options);
  // One folder for each way of installing: code finds what it needs in the node_modules beside it.
  const hex = hexOf(digestOf(manifest));
  const suffix =
    nodeModules === undefined ? '' : `-${hexOf(digestOf(Buffer.from(nodeModules))).slice(0, 12)}`;
  const directory = join(cache, 'packages', hex + suffix);
  await makeFolder(dirname(directory)).catch((cause: unknown) => {
    throw ioError(cause, dirname(directory), 'make the folder for opened packages');
  });
  const { signal, onProgress } = options;
  const onBytes = (bytes: number, total: number): void => onProgress?.({ bytes, total });
  const opened = await openPackage({ manifest, blobs, directory, where, signal, onBytes });
  if (nodeModules !== undefined) await linkFolder(nodeModules, join(directory, 'node_modules'));
  return opened;
}

/** Absolute path of the `node_modules` that has the requirements; `undefined` when there are none. */
async function install(
  requirements: LockedRequirements,
  store: string,
  { allowScripts, signal }: OpenRunnerOptions,
): Promise<string | undefined> {
  if (requirements.packages.length === 0) return undefined;
  const { installRequirements } = await import('../packer/requirements/installRequirements.js');
  return (await installRequirements(requirements, { store, allowScripts, ...(signal && { signal }) }))
    ?.nodeModules;
}

async function linkFolder(target: string, link: string): Promise<void> {
  try {
    await symlink(target, link, 'junction');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await readlink(link)) === target) return;
    throw ioError(cause, link, 'link the requirements');
  }
}
