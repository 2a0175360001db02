import { runConcurrently } from '../../lifecycle/runConcurrently';
import type { ModelEntry, RepositoryName } from '../Registry';
import { parsePointer, type PackagePointer } from './PackagePointer';
import type { VesslModel } from './VesslApi';
import type { VesslPlatform } from './VesslPlatform';
import type { Volume } from './Volume';
import { POINTER_KEY } from './volumeLayout';

/** Pointers that are read at once. */
const CONCURRENCY = 16;

/** A number, and what is registered under it at this moment. */
export interface ModelState {
  readonly model: VesslModel;
  readonly volume: Volume;
  /** Absent while the number is only reserved, and where the Python SDK has registered a model. */
  readonly pointer?: PackagePointer | undefined;
  /** Of the pointer, to replace just this one. */
  readonly etag?: string | undefined;
}

export async function readState(
  platform: VesslPlatform,
  name: RepositoryName,
  model: VesslModel,
): Promise<ModelState> {
  const volume = platform.volume(name, model);
  const found = (await volume.isReachable()) ? await volume.read(POINTER_KEY) : undefined;
  if (found === undefined) return { model, volume };
  return { model, volume, pointer: parsePointer(found.bytes, volume.where), etag: found.etag };
}

/** In the order of `models`. */
export async function readStates(
  platform: VesslPlatform,
  name: RepositoryName,
  models: readonly VesslModel[],
): Promise<ModelState[]> {
  let failure: { readonly error: unknown } | undefined;
  const states = await runConcurrently(models, CONCURRENCY, async (model) => {
    if (failure !== undefined) return undefined;
    return readState(platform, name, model).catch((error: unknown) => {
      failure ??= { error };
      return undefined;
    });
  });
  if (failure !== undefined) throw failure.error;
  return states.filter((state) => state !== undefined);
}

/**
 * @param others numbers of the repository: an alias that one of them has got later is not this one's any more
 */
export function entryOf(
  name: RepositoryName,
  { model, pointer }: Pick<ModelState, 'model' | 'pointer'>,
  others: readonly ModelState[] = [],
): ModelEntry {
  const { organization, repository } = name;
  const aliases = Object.entries(pointer?.aliases ?? {}).filter(
    ([alias, since]) => !others.some((other) => (other.pointer?.aliases[alias] ?? '') > since),
  );
  return {
    organization,
    repository,
    number: model.number,
    digest: pointer?.digest ?? null,
    servable: pointer !== undefined,
    registeredAt: pointer?.registeredAt ?? null,
    aliases: aliases.map(([alias]) => alias).sort(),
    history: pointer?.history ?? [],
  };
}
