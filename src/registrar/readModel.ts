import { checkOptions } from '../errors/checkOptions';
import type { Digest } from '../artifact/Digest';
import type { RunnerManifest } from '../packer/manifest/RunnerManifest';
import type { ModelEntry } from '../registry/Registry';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';

export interface ModelDescription {
  /** `organization/repository:number`. */
  readonly reference: string;
  readonly digest: Digest;
  /** The number's own data; `null` for a package that no number points at. */
  readonly entry: ModelEntry | null;
  readonly manifest: RunnerManifest;
}

/**
 * What a registry says of a model, and its runner manifest. Runs no code of the package.
 *
 * @throws RunwrightError RW_REFERENCE_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE, RW_PACKAGE_CORRUPT
 */
export async function readModel(reference: string, options: RegistryOptions = {}): Promise<ModelDescription> {
  checkOptions<RegistryOptions>('readModel', options, { registry: 'any', organizationName: 'string' });
  const found = await resolveModel(reference, options);
  const { readPackage } = await import('./readPackage.js');
  const { manifest } = await readPackage(found.registry, found.resolved, found.reference);
  const { digest, entry } = found.resolved;
  return { reference: found.reference, digest, entry, manifest };
}
