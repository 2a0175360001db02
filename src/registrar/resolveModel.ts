import { formatReference, parseReference } from '../artifact/Reference';
import { openRegistry } from '../registry/openRegistry';
import type { Registry, ResolvedModel } from '../registry/Registry';
import type { RegistryOptions } from './RegistryOptions';

export interface FoundModel {
  readonly registry: Registry;
  readonly resolved: ResolvedModel;
  /** `organization/repository:number`, or `organization/repository@sha256:...` for a package without a number. */
  readonly reference: string;
}

/** @throws RunwrightError RW_REFERENCE_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE, RW_REGISTRY_INVALID */
export async function resolveModel(reference: string, options: RegistryOptions): Promise<FoundModel> {
  const registry = openRegistry(options.registry, { organization: options.organizationName });
  const parsed = parseReference(reference);
  // The registry may be an object with a default of its own.
  const wanted = { ...parsed, organization: parsed.organization ?? options.organizationName };
  const resolved = await registry.resolve(wanted);
  const { organization, repository, entry, digest } = resolved;
  const pinned = entry?.digest === digest ? { number: entry.number } : { digest };
  return { registry, resolved, reference: formatReference({ organization, repository, ...pinned }) };
}
