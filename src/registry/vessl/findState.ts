import type { Digest } from '../../artifact/Digest';
import type { Reference } from '../../artifact/Reference';
import { aliasNotFound, digestNotFound, nothingServable } from '../lookupErrors';
import { packageOf } from '../packageOf';
import type { ModelEntry, RepositoryName } from '../Registry';
import { entryOf, type ModelState } from './ModelState';
import type { VesslModels } from './VesslModels';

export interface FoundState {
  readonly state: ModelState;
  /** `null` for a package that no number points at any more. */
  readonly entry: ModelEntry | null;
  readonly digest: Digest;
}

/**
 * What a reference stands for. No more pointers are read than it takes: one for a number, for nothing but a name those from
 * the newest number to the newest one with a package, all for an alias.
 *
 * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE
 */
export async function findState(
  models: VesslModels,
  name: RepositoryName,
  { number, alias, digest }: Reference,
): Promise<FoundState> {
  if (number === undefined && alias === undefined) return findNewest(models, name, digest);
  const state =
    number === undefined ? await findAlias(models, name, alias ?? '') : await models.state(name, number);
  const entry = entryOf(name, state);
  return { state, entry, digest: packageOf(entry, digest) };
}

/** The newest number that has a package; of a digest the newest that points at it, else one that did. */
async function findNewest(
  models: VesslModels,
  name: RepositoryName,
  digest: Digest | undefined,
): Promise<FoundState> {
  const seen: ModelState[] = [];
  for await (const state of models.newestFirst(name)) {
    seen.push(state);
    const current = state.pointer?.digest;
    if (current === undefined || (digest !== undefined && digest !== current)) continue;
    return { state, entry: entryOf(name, state), digest: current };
  }
  if (digest === undefined) {
    const entries = seen.reverse().map((state) => entryOf(name, state));
    throw nothingServable(name, entries);
  }
  const former = seen.find(({ pointer }) => pointer?.history.some((past) => past.digest === digest));
  if (former === undefined) throw digestNotFound(name, digest);
  return { state: former, entry: null, digest };
}

async function findAlias(models: VesslModels, name: RepositoryName, alias: string): Promise<ModelState> {
  const states = await models.states(name);
  const entries = states.map((state) => entryOf(name, state, states));
  const state = states[entries.findLastIndex(({ aliases }) => aliases.includes(alias))];
  if (state === undefined) throw aliasNotFound(name, alias, entries);
  return state;
}
