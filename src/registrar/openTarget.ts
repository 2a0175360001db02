import type { Digest } from '../artifact/Digest';
import { RunwrightError } from '../errors/RunwrightError';
import { openRegistry } from '../registry/openRegistry';
import type { ModelEntry, Registry, RepositoryName } from '../registry/Registry';
import { checkModelNumber } from './checkModelNumber';
import { checkRepositoryName } from './checkRepositoryName';
import type { RegistryOptions } from './RegistryOptions';

/** What every registration says of where it goes. */
export interface TargetOptions extends RegistryOptions {
  /** Lower-case letters and digits, joined by single `.`, `_` or `-`. Made when it does not exist. */
  readonly repositoryName: string;
  /** `null` for a new number; otherwise a number that exists. */
  readonly modelNumber: number | null;
  /** With a number: only when it still points at this package (`null`: at none). */
  readonly expectedDigest?: Digest | null | undefined;
}

/** Where a package will be published: a new number, or one that exists. */
export interface PublishTarget {
  readonly registry: Registry;
  readonly name: RepositoryName;
  /** `null` for a new number. */
  readonly existing: ModelEntry | null;
  readonly expectedDigest: Digest | null | undefined;
}

/**
 * Checks and looks up a target before any work is done for it.
 *
 * @throws RunwrightError RW_OPTION_INVALID, RW_MODEL_NOT_FOUND (the number), RW_MODEL_CONFLICT (`expectedDigest`)
 */
export async function openTarget(options: TargetOptions): Promise<PublishTarget> {
  const { organizationName, expectedDigest } = options;
  const registry = openRegistry(options.registry, { organization: organizationName });
  const name = checkRepositoryName(options.repositoryName, organizationName ?? registry.defaultOrganization);
  const number = checkModelNumber(options.modelNumber);
  if (number === null) {
    if (expectedDigest === undefined) return { registry, name, existing: null, expectedDigest };
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'expectedDigest',
      what: 'it is given for a new number, which points at nothing yet',
      hint: 'Leave it out, or pass the `modelNumber` that it belongs to',
    });
  }
  const existing = await registry.readEntry(name, number);
  if (expectedDigest !== undefined && existing.digest !== expectedDigest) {
    throw new RunwrightError('RW_MODEL_CONFLICT', {
      where: `${name.organization}/${name.repository}:${number}`,
      what: `it points at ${existing.digest ?? 'no package'}, and ${expectedDigest ?? 'no package'} is expected`,
      hint: 'Somebody registered onto it meanwhile: look at what is there and decide again',
    });
  }
  return { registry, name, existing, expectedDigest };
}
