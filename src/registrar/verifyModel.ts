import type { Digest } from '../artifact/Digest';
import { digestOf } from '../artifact/digestOf';
import type { RunnerSource } from './openRunner';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';
import { verifyBlobs, type BlobCheck, type VerifyBlobsOptions } from './verifyBlobs';
import { withArchive } from './withArchive';

export interface Verification {
  /** Of the package. */
  readonly digest: Digest;
  /** True when every blob is what its digest says. */
  readonly ok: boolean;
  readonly blobs: readonly BlobCheck[];
}

/**
 * Compares every blob of a registered package with its digest. Runs no code of the package.
 *
 * @throws RunwrightError RW_REFERENCE_INVALID, RW_MODEL_NOT_FOUND, RW_PACKAGE_CORRUPT (the manifest), RW_ABORTED, RW_IO
 */
export async function verifyModel(
  reference: string,
  options: RegistryOptions & VerifyBlobsOptions = {},
): Promise<Verification> {
  const { registry, resolved, reference: where } = await resolveModel(reference, options);
  return verify({ manifest: resolved.manifest, blobs: registry.blobs(resolved), where }, options);
}

/** The same for an archive. @throws RunwrightError RW_PACKAGE_INVALID, RW_PACKAGE_CORRUPT (the manifest), RW_IO */
export function verifyArchive(file: string, options: VerifyBlobsOptions = {}): Promise<Verification> {
  return withArchive(file, (source) => verify(source, options));
}

async function verify(source: RunnerSource, options: VerifyBlobsOptions): Promise<Verification> {
  const blobs = await verifyBlobs(source, options);
  return { digest: digestOf(source.manifest), ok: blobs.every(({ ok }) => ok), blobs };
}
