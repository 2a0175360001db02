import { asRecord } from '../../artifact/asRecord';
import type { Digest } from '../../artifact/Digest';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { formatReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import { digestNotFound } from '../lookupErrors';
import type { RepositoryName } from '../Registry';

/**
 * Refuses what a tag of another tool may point at and is no package. Whether the rest is one is judged by who opens it.
 *
 * @returns `manifest`
 * @throws RunwrightError RW_PACKAGE_INVALID (an index), RW_MODEL_NOT_FOUND (it only reserves a number)
 */
export function checkPackageManifest(manifest: Buffer, name: RepositoryName, digest: Digest): Buffer {
  const { mediaType, artifactType, manifests } = parse(manifest);
  if (artifactType === MEDIA_TYPES.reservation) throw digestNotFound(name, digest);
  if (mediaType !== MEDIA_TYPES.index && !Array.isArray(manifests)) return manifest;
  throw new RunwrightError('RW_PACKAGE_INVALID', {
    where: formatReference({ ...name, digest }),
    what: 'this is an image index, which names several manifests, and no package',
    hint: 'Name one of its manifests by its digest, or copy the package itself to this tag',
  });
}

function parse(manifest: Buffer): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(manifest.toString()));
  } catch {
    return {};
  }
}
