import type { ManifestModel } from '../packer/manifest/RunnerManifest';
import type { KeptFile } from '../packer/package/pack';

/** What stays of the package that a number points at, when only its code and artifacts are renewed. */
export interface KeptModel {
  readonly files: readonly KeptFile[];
  readonly model: ManifestModel;
  readonly artifacts: readonly string[];
}

export const NOTHING_KEPT: KeptModel = { files: [], model: { format: 'none', props: null }, artifacts: [] };
