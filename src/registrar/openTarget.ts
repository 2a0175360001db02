import type { Digest } from '../artifact/Digest';
import { RunwrightError } from '../errors/RunwrightError';
import type { ModelEntry, Registry, RepositoryName } from '../registry/Registry';

/** Where a package will be published: a new number, or one that exists. */
export interface PublishTarget {
  readonly registry: Registry;
  readonly name: RepositoryName;
  /** `null` for a new number. */
  readonly existing: ModelEntry | null;
  readonly expectedDigest: Digest | null | undefined;
}

/**
 * Looks a target up before any work is done for it.
 *
 * @throws RunwrightError RW_MODEL_NOT_FOUND (the number), RW_MODEL_CONFLICT (`expectedDigest`), RW_OPTION_INVALID
 */
export async function openTarget(
  registry: Registry,
  name: RepositoryName,
  number: number | null,
  expectedDigest: Digest | null | undefined,
): Promise<PublishTarget> {
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
