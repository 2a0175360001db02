import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Digest } from '../artifact/Digest';
import { newOwnerId, OWNER_ID } from '../artifact/ownerId';
import { removeLeftovers } from '../artifact/removeLeftovers';
import { formatReference, parseReference } from '../artifact/Reference';
import { errorCodeOf } from '../errors/errorCodeOf';
import { ioError } from '../errors/ioError';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import { MANIFEST_FILE } from '../packer/manifest/RunnerManifest';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';
import { splitReferenceUrl } from './splitReferenceUrl';
import type { TransferProgress } from './TransferProgress';

/** A folder in the user's own, in which the package is made before its parts are moved up. */
const UNFINISHED = new RegExp(`^\\.(${OWNER_ID})\\.pulling$`);

export interface PullOptions extends RegistryOptions {
  /** Absent or empty. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
  /** Called while the package is fetched from a registry that is far away. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface PulledModel {
  /** `organization/repository:number`; `organization/repository@sha256:...` for what was asked for by its digest alone. */
  readonly reference: string;
  readonly digest: Digest;
  /** Absolute. */
  readonly directory: string;
}

/**
 * Copies a package into a folder of the user's own: `runwright.json`, `code/`, `model/` and the artifacts. When it fails
 * or is stopped, nothing of it is left there; what came over the network stays in the cache, and the next call goes on from it.
 *
 * @param options.directory absent or empty; one that is there stays the folder that it is, a link to it too
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_OPTION_INVALID (the folder is not empty), RW_PACKAGE_CORRUPT,
 *   RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_ABORTED, RW_IO
 */
export async function pullModel(reference: string, options: PullOptions): Promise<PulledModel> {
  const { signal, onProgress } = options;
  const found = await resolveModel(reference, options);
  const { organization, repository, digest: wanted } = found.resolved;
  // Several numbers may share a digest, and none was asked for.
  const { number, alias, digest: asked } = parseReference(splitReferenceUrl(reference).reference);
  const isByDigest = asked !== undefined && number === undefined && alias === undefined;
  const named = isByDigest ? formatReference({ organization, repository, digest: wanted }) : found.reference;
  const directory = resolve(options.directory);
  const { openPackage } = await import('../packer/package/openPackage.js');
  const open = (target: string) =>
    openPackage({
      manifest: found.resolved.manifest,
      blobs: found.registry.blobs(found.resolved),
      directory: target,
      mode: 'copy',
      where: found.reference,
      signal,
      onBytes: (bytes, total) => onProgress?.({ bytes, total }),
    });
  const existing = await findEmpty(directory);
  const { digest } = existing === undefined ? await open(directory) : await openInto(existing, open, signal);
  return { reference: named, digest, directory };
}

/** The real path of the user's folder; `undefined` when there is none. */
async function findEmpty(directory: string): Promise<string | undefined> {
  let names: string[];
  let path: string;
  try {
    path = await realpath(directory);
    await removeLeftovers(path, UNFINISHED);
    names = await readdir(path);
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return undefined;
    throw ioError(cause, directory, 'use the folder');
  }
  if (names.length === 0) return path;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: directory,
    what: 'the folder is not empty',
    hint: 'Name an empty folder, or one that does not exist yet',
  });
}

/**
 * The folder itself is neither removed nor replaced: it may be the working directory, a mounted disk, or have rights of its
 * own. So what is in it appears part by part, `runwright.json` last.
 */
async function openInto<T>(
  directory: string,
  open: (target: string) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const aside = join(directory, `.${newOwnerId()}.pulling`);
  const moved: string[] = [];
  try {
    await mkdir(aside);
    const made = join(aside, 'package');
    const opened = await open(made);
    const names = (await readdir(made)).filter((name) => name !== MANIFEST_FILE);
    for (const name of [...names, MANIFEST_FILE]) {
      refuseAborted(signal, directory);
      const target = join(directory, name);
      await rename(join(made, name), target);
      moved.push(target);
    }
    return opened;
  } catch (cause) {
    for (const path of moved) await rm(path, { recursive: true, force: true }).catch(() => undefined);
    throw ioError(cause, directory, 'put the package into the folder');
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
  }
}
