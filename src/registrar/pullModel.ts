import { readdir, rmdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Digest } from '../artifact/Digest';
import { ioError } from '../errors/ioError';
import { isMissing } from '../errors/isMissing';
import { RunwrightError } from '../errors/RunwrightError';
import { openPackage } from '../packer/package/openPackage';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';

export interface PulledModel {
  /** `organization/repository:number`. */
  readonly reference: string;
  readonly digest: Digest;
  /** Absolute. */
  readonly directory: string;
}

/**
 * Copies a package into a folder of the user's own: `runwright.json`, `code/`, `model/` and the artifacts.
 *
 * @param options.directory absent or empty; the package appears in it as a whole
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_PACKAGE_CORRUPT, RW_IO
 */
export async function pullModel(
  reference: string,
  options: RegistryOptions & { readonly directory: string },
): Promise<PulledModel> {
  const found = await resolveModel(reference, options);
  const directory = resolve(options.directory);
  await requireEmpty(directory);
  const { digest } = await openPackage({
    manifest: found.resolved.manifest,
    blobs: found.registry.blobs(found.resolved),
    directory,
    mode: 'copy',
    where: found.reference,
  });
  return { reference: found.reference, digest, directory };
}

async function requireEmpty(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length === 0) return await rmdir(directory);
  } catch (cause) {
    if (isMissing(cause)) return;
    throw ioError(cause, directory, 'use the folder');
  }
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: directory,
    what: 'the folder is not empty',
    hint: 'Name a folder that does not exist yet',
  });
}
