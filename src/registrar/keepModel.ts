import { formatReference } from '../artifact/Reference';
import type { ModelEntry, Registry } from '../registry/Registry';
import { NOTHING_KEPT, type KeptModel } from './KeptModel';
import { readPackage } from './readPackage';

/** Model files, props and artifacts of a number; nothing for one that is only reserved. */
export async function keepModel(registry: Registry, entry: ModelEntry): Promise<KeptModel> {
  if (entry.digest === null) return NOTHING_KEPT;
  const { organization, repository, number, digest } = entry;
  const reference = { organization, repository, number, alias: undefined, digest };
  const resolved = await registry.resolve(reference);
  const { contents, manifest } = await readPackage(registry, resolved, formatReference(reference));
  const files = [...contents.files].map(([path, descriptor]) => ({
    path,
    executable: manifest.executables.includes(path),
    descriptor,
  }));
  return { files, model: manifest.model, artifacts: manifest.artifacts };
}
