import type { Digest } from '../artifact/Digest';
import { digestNotFound, numberNotServable } from './lookupErrors';
import type { ModelEntry } from './Registry';

/**
 * The package of a number that was asked for, alone or together with a digest: then both must agree, so the digest is the
 * number's package, or was once.
 *
 * @throws RunwrightError RW_MODEL_NOT_FOUND (they do not agree), RW_MODEL_NOT_SERVABLE (the number is only reserved)
 */
export function packageOf(entry: ModelEntry, digest: Digest | undefined): Digest {
  const { organization, repository, number } = entry;
  const name = { organization, repository };
  if (digest === undefined) {
    if (entry.digest === null) throw numberNotServable(name, number);
    return entry.digest;
  }
  if (entry.digest === digest || entry.history.some((former) => former.digest === digest)) return digest;
  throw digestNotFound(name, digest, entry);
}
