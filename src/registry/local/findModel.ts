import type { Digest } from '../../artifact/Digest';
import type { ImageIndex } from '../../artifact/imageIndex';
import type { Reference } from '../../artifact/Reference';
import {
  aliasNotFound,
  digestNotFound,
  nothingServable,
  numberNotFound,
  numberNotServable,
} from '../lookupErrors';
import type { ModelEntry, RepositoryName } from '../Registry';
import { findPackage, readModels } from './modelIndex';

/**
 * What a reference stands for in a repository: a number, an alias, the newest number that has a package, or any package
 * by its digest. A number or alias together with a digest must agree: the digest is the number's package, or was once.
 *
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE
 */
export function findModel(
  index: ImageIndex,
  name: RepositoryName,
  { number, alias, digest }: Reference,
): { entry: ModelEntry | null; digest: Digest } {
  const models = readModels(index, name);
  if (number === undefined && alias === undefined && digest !== undefined) {
    if (findPackage(index, digest) === undefined) throw digestNotFound(name, digest);
    return { entry: models.findLast((model) => model.digest === digest) ?? null, digest };
  }
  const entry = findEntry(models, name, number, alias);
  if (digest !== undefined) {
    if (entry.digest !== digest && !entry.history.some((former) => former.digest === digest)) {
      throw digestNotFound(name, digest, entry);
    }
    return { entry, digest };
  }
  if (entry.digest === null) throw numberNotServable(name, entry.number);
  return { entry, digest: entry.digest };
}

function findEntry(
  models: readonly ModelEntry[],
  name: RepositoryName,
  number: number | undefined,
  alias: string | undefined,
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
