import type { ModelEntry } from '../registry/Registry';

/** A model number as `list` and `alias` answer it. */
export function listedModel(entry: ModelEntry): Omit<ModelEntry, 'history'> {
  const { organization, repository, number, digest, servable, registeredAt, aliases } = entry;
  return { organization, repository, number, digest, servable, registeredAt, aliases };
}
