import type { Props } from '../metadata/contexts';
import type { ModelFormat } from '../packer/manifest/RunnerManifest';
import type { KeptFile } from '../packer/package/pack';

/** What stays of the package that a number points at, when only its code and artifacts are renewed. */
export interface KeptModel {
  readonly files: readonly KeptFile[];
  readonly props: Props | null;
  readonly format: ModelFormat;
  readonly artifacts: readonly string[];
}

export const NOTHING_KEPT: KeptModel = { files: [], props: null, format: 'none', artifacts: [] };
