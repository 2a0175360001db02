import type { Digest } from '../artifact/Digest';
import { formatReference } from '../artifact/Reference';
import type { ModelEntry } from '../registry/Registry';
import type { RegisteredModel } from './RegisterModelOptions';

/** @param digest of the package that was published under the entry's number */
export function toRegistered(
  { organization, repository, number }: ModelEntry,
  digest: Digest,
): RegisteredModel {
  const reference = formatReference({ organization, repository, number });
  return { organization, repository, number, digest, reference };
}
