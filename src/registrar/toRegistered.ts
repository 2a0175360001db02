import { formatReference } from '../artifact/Reference';
import type { ModelEntry } from '../registry/Registry';
import type { RegisteredModel } from './RegisterModelOptions';

/** @param entry of a number that has just been published */
export function toRegistered({ organization, repository, number, digest }: ModelEntry): RegisteredModel {
  const reference = formatReference({ organization, repository, number });
  if (digest === null) throw new TypeError(`${reference} was published without a package`);
  return { organization, repository, number, digest, reference };
}
