import type { Digest } from '../../artifact/Digest';
import type { Reference } from '../../artifact/Reference';
import { aliasNotFound, digestNotFound, nothingServable } from '../lookupErrors';
import { packageOf } from '../packageOf';
import type { ModelEntry } from '../Registry';
import { RESERVATION_DIGEST } from '../reserveNumber';
import type { OciModels } from './OciModels';

export interface Target {
  /** `null` for an alias that another tool has put on a package without a number. */
  readonly entry: ModelEntry | null;
  readonly digest: Digest;
}

/**
 * What a number, an alias, or the newest number with a package stands for: what its tag points at right now, whatever the
 * records say.
 *
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE
 */
export async function findTarget(models: OciModels, reference: Reference): Promise<Target> {
  const { number, alias, digest } = reference;
  if (number !== undefined) return pinned(models, number, digest);
  if (alias === undefined) return newest(models, digest);
  const target = models.tags.aliases.has(alias) ? await models.target(alias) : undefined;
  if (target === undefined) throw aliasNotFound(models.name, alias, models.numbered());
  const followed = await models.numberOf(alias);
  if (followed !== undefined) return pinned(models, followed, digest);
  if (digest !== undefined && digest !== target) throw digestNotFound(models.name, digest);
  return { entry: null, digest: target };
}

async function pinned(models: OciModels, number: number, digest: Digest | undefined): Promise<Target> {
  if (models.tags.numbers.includes(number)) await models.target(String(number));
  const entry = await models.entry(number);
  return { entry, digest: packageOf(entry, digest) };
}

async function newest(models: OciModels, digest: Digest | undefined): Promise<Target> {
  for (const number of models.tags.numbers.toReversed()) {
    const listed = await models.digestOf(number);
    if (listed !== undefined && listed !== RESERVATION_DIGEST) return pinned(models, number, digest);
  }
  throw nothingServable(models.name, models.numbered());
}
