import type { Reference } from '../artifact/Reference';
import { aliasNotFound, nothingServable, numberNotFound } from './lookupErrors';
import type { ModelEntry, RepositoryName } from './Registry';

/**
 * What a number or an alias stands for; the newest number that has a package where neither is named.
 *
 * @param models all of the repository, ordered by number
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE
 */
export function findEntry(
  models: readonly ModelEntry[],
  name: RepositoryName,
  { number, alias }: Pick<Reference, 'number' | 'alias'>,
): ModelEntry {
  if (number !== undefined) {
    const entry = models.find((model) => model.number === number);
    if (entry === undefined) throw numberNotFound(name, number, models);
    return entry;
  }
  if (alias !== undefined) {
    const entry = models.find((model) => model.aliases.includes(alias));
    if (entry === undefined) throw aliasNotFound(name, alias, models);
    return entry;
  }
  const newest = models.findLast((model) => model.servable);
  if (newest === undefined) throw nothingServable(name, models);
  return newest;
}
