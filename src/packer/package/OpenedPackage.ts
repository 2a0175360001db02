import type { Digest } from '../../artifact/Digest';
import type { RunnerManifest } from '../manifest/RunnerManifest';

/** A package as a folder whose every file has been checked against its digest. */
export interface OpenedPackage {
  readonly digest: Digest;
  /** Absolute. */
  readonly directory: string;
  readonly manifest: RunnerManifest;
  /** Absolute path of the module to import; `null` for a runner that is made from its model. */
  readonly codeFile: string | null;
  /** Absolute path of the folder that `@Save` wrote. */
  readonly modelDirectory: string;
  /** What `@Load` gets: registered key to absolute path. */
  readonly artifacts: Readonly<Record<string, string>>;
}
