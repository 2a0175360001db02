import { formatReference, parseReference } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';
import { openRegistry } from '../registry/openRegistry';
import type { Registry, ResolvedModel } from '../registry/Registry';
import type { RegistryOptions } from './RegistryOptions';
import { splitReferenceUrl } from './splitReferenceUrl';

export interface FoundModel {
  readonly registry: Registry;
  readonly resolved: ResolvedModel;
  /** `organization/repository:number`, or `organization/repository@sha256:...` for a package without a number. */
  readonly reference: string;
  /** Whether the caller named the organization, by the reference or by an option. */
  readonly namesOrganization: boolean;
}

/**
 * @param reference also as a URL, which names its registry
 * @throws RunwrightError RW_REFERENCE_INVALID, RW_OPTION_INVALID (a URL and `registry`), RW_MODEL_NOT_FOUND,
 *   RW_MODEL_NOT_SERVABLE, RW_REGISTRY_INVALID, RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED
 */
export async function resolveModel(reference: string, options: RegistryOptions): Promise<FoundModel> {
  const split = splitReferenceUrl(reference);
  if (split.registry !== undefined && options.registry !== undefined) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'registry',
      what: `it is given, and the reference of ${split.reference} is a URL, which names its registry itself`,
      hint: 'Leave out one of the two',
    });
  }
  const parsed = parseReference(split.reference);
  const registry = openRegistry(split.registry ?? options.registry, {
    organization: options.organizationName,
  });
  // The registry may be an object with a default of its own.
  const wanted = { ...parsed, organization: parsed.organization ?? options.organizationName };
  const resolved = await registry.resolve(wanted);
  const { organization, repository, entry, digest } = resolved;
  const pinned = entry?.digest === digest ? { number: entry.number } : { digest };
  return {
    registry,
    resolved,
    reference: formatReference({ organization, repository, ...pinned }),
    namesOrganization: wanted.organization !== undefined,
  };
}
