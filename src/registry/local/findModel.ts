import type { Digest } from '../../artifact/Digest';
import type { ImageIndex } from '../../artifact/imageIndex';
import type { Reference } from '../../artifact/Reference';
import { findEntry } from '../findEntry';
import { digestNotFound } from '../lookupErrors';
import { packageOf } from '../packageOf';
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
  reference: Reference,
): { entry: ModelEntry | null; digest: Digest } {
  const models = readModels(index, name);
  const { number, alias, digest } = reference;
  if (number === undefined && alias === undefined && digest !== undefined) {
    if (findPackage(index, digest) === undefined) throw digestNotFound(name, digest);
    return { entry: models.findLast((model) => model.digest === digest) ?? null, digest };
  }
  const entry = findEntry(models, name, reference);
  return { entry, digest: packageOf(entry, reference.digest) };
}
