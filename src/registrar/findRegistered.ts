import type { Digest } from '../artifact/Digest';
import { RunwrightError } from '../errors/RunwrightError';
import type { ModelEntry, Registry, RepositoryName } from '../registry/Registry';

/** The newest number of a repository that points at a package; `undefined` when none does. */
export async function findRegistered(
  registry: Registry,
  { organization, repository }: RepositoryName,
  digest: Digest,
): Promise<ModelEntry | undefined> {
  try {
    const reference = { organization, repository, number: undefined, alias: undefined, digest };
    const { entry } = await registry.resolve(reference);
    if (entry?.digest === digest) return entry;
  } catch (error) {
    if (!RunwrightError.is(error) || error.code === 'RW_ABORTED') throw error;
    if (error.code === 'RW_MODEL_NOT_FOUND') return undefined;
  }
  // A driver may answer without the number what is on this machine, and a damaged package has a number too.
  const models = await registry.listModels({ organization, repository });
  return models.findLast((model) => model.digest === digest);
}
