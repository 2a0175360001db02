import type { Digest } from '../../artifact/Digest';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ModelEntry, RepositoryName, ResolvedModel } from '../Registry';
import type { PackageManifests } from './PackageManifests';

/** Milliseconds that a package which is on this machine waits to hear which number points at it. */
const COURTESY = 2_000;

/**
 * A package by its digest, alone or together with a number or an alias. One that is on this machine needs no registry: where
 * that is not reached, it comes without its number.
 *
 * @param readEntry asks the registry which number it is
 * @throws RunwrightError RW_MODEL_NOT_FOUND, and as `PackageManifests.read`
 */
export async function resolveDigest(
  name: RepositoryName,
  digest: Digest,
  readEntry: (signal?: AbortSignal) => Promise<ModelEntry | null>,
  manifests: PackageManifests,
): Promise<ResolvedModel> {
  const here = await manifests.here(digest);
  if (here === undefined) {
    const entry = await readEntry();
    return { ...name, entry, digest, manifest: await manifests.read(digest) };
  }
  const signal = AbortSignal.timeout(COURTESY);
  const entry = await readEntry(signal).catch((error: unknown) => {
    const isAway = RunwrightError.is(error) && error.code === 'RW_REGISTRY_UNAVAILABLE';
    if (isAway || signal.aborted) return null;
    throw error;
  });
  return { ...name, entry, digest, manifest: here };
}
