import type { Digest } from '../artifact/Digest';
import type { ModelEntry, Registry, RepositoryName } from '../registry/Registry';

/** The newest number of a repository that points at a package; `undefined` when none does. */
export async function findRegistered(
  registry: Registry,
  { organization, repository }: RepositoryName,
  digest: Digest,
): Promise<ModelEntry | undefined> {
  const models = await registry.listModels({ organization, repository });
  return models.findLast((model) => model.digest === digest);
}
