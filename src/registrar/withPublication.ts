import type { Publication, Registry, RepositoryName } from '../registry/Registry';

/** Opens a publication, and throws away what `use` did not commit. */
export async function withPublication<T>(
  registry: Registry,
  name: RepositoryName,
  use: (publication: Publication) => Promise<T>,
): Promise<T> {
  const publication = await registry.publish(name);
  try {
    return await use(publication);
  } finally {
    await publication.abandon();
  }
}
