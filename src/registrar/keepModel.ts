import { formatReference } from '../artifact/Reference';
import type { Props } from '../metadata/contexts';
import type { ModelFormat } from '../packer/manifest/RunnerManifest';
import type { KeptFile } from '../packer/package/pack';
import type { ModelEntry, Registry } from '../registry/Registry';
import { readPackage } from './readPackage';

/** What stays of the package that a number points at, when only its code and artifacts are renewed. */
export interface KeptModel {
  readonly files: readonly KeptFile[];
  readonly props: Props | null;
  readonly format: ModelFormat;
  readonly artifacts: readonly string[];
}

export const NOTHING_KEPT: KeptModel = { files: [], props: null, format: 'none', artifacts: [] };

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
  return { files, ...manifest.model, artifacts: manifest.artifacts };
}
