import type { Descriptor } from '../../artifact/Descriptor';

/** A package's manifest, checked: what is in it and where it goes when it is opened. */
export interface PackageContents {
  readonly runnerManifest: Descriptor;
  /** `undefined` for a runner that is made from its model. */
  readonly code: Descriptor | undefined;
  /** Path in the package to blob, for model files and artifacts. */
  readonly files: ReadonlyMap<string, Descriptor>;
}
