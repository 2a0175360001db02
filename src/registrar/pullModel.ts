import { resolve } from 'node:path';
import type { Digest } from '../artifact/Digest';
import { formatReference, parseReference } from '../artifact/Reference';
import { checkOptions } from '../errors/checkOptions';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';
import { splitReferenceUrl } from './splitReferenceUrl';
import type { TransferProgress } from './TransferProgress';

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
  checkOptions<PullOptions>('pullModel', options, {
    directory: 'any',
    registry: 'any',
    organizationName: 'string',
    signal: 'signal',
    onProgress: 'function',
  });
  const { signal, onProgress } = options;
  const directory = toDirectory(options.directory);
  const found = await resolveModel(reference, options);
  const { organization, repository, digest: wanted } = found.resolved;
  // Several numbers may share a digest, and none was asked for.
  const { number, alias, digest: asked } = parseReference(splitReferenceUrl(reference).reference);
  const isByDigest = asked !== undefined && number === undefined && alias === undefined;
  const named = isByDigest ? formatReference({ organization, repository, digest: wanted }) : found.reference;
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
  const { fillFolder } = await import('./fillFolder.js');
  const { digest } = await fillFolder(directory, open, signal);
  return { reference: named, digest, directory };
}

function toDirectory(given: unknown): string {
  if (typeof given === 'string') return resolve(given);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'pullModel, option `directory`',
    what: given === undefined ? 'it is missing' : `it is ${describeType(given)}`,
    hint: 'Pass the path of a folder that is empty or not there',
  });
}
