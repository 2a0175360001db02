import type { Digest } from '../../artifact/Digest';
import type { Props } from '../../metadata/contexts';
import type { StageName } from '../../metadata/stages';
import type { ModelSignature } from '../../models/tensor/ModelSignature';
import type { ParityReport } from '../../models/tensor/ParityReport';
import type { JsonSchema } from '../../schema/JsonSchema';
import type { Schema } from '../../schema/Schema';
import type { LockedRequirements } from '../requirements/LockedRequirements';

export const MANIFEST_VERSION = 1;
export const MANIFEST_FILE = 'runwright.json';

/**
 * How the model files were written: by the default saver (`onnx` and `torch` for models of those kinds, `default` for every
 * other value); by the user's `@Save`; by the user in another way (there was an instance, and the runner has `@Load` alone);
 * or not at all.
 */
export type ModelFormat = 'default' | 'onnx' | 'torch' | 'user-defined' | 'external' | 'none';

export interface ManifestModel {
  readonly format: ModelFormat;
  readonly props: Props | null;
  /** Of a model of tensors: its inputs and outputs. */
  readonly signature?: ModelSignature;
  /** Of a model that was exported at registration: how far it is from the original. */
  readonly parity?: ParityReport;
}

export interface ManifestType {
  /** For people: `IrisInput[]`. */
  readonly type: string;
  readonly kind: Schema['kind'];
  readonly explicit: boolean;
  readonly schema: JsonSchema;
}

/** What a scan of the packed bundle found: the definition, as data. */
export interface ManifestRunner {
  readonly name: string;
  readonly description: string | null;
  readonly className: string;
  /** The bundle's export that is the runner class; `null` where there is no code and the runner is made from the model. */
  readonly export: string | null;
  readonly stages: Readonly<
    Partial<Record<StageName, { readonly method: string; readonly static: boolean }>>
  >;
  readonly batch: { readonly maxSize: number } | null;
  readonly stream: boolean;
  readonly input: ManifestType;
  readonly output: ManifestType;
}

export interface ManifestCodeFile {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** `runwright.json`, the first layer of every package. It is read without running any code of the package. */
export interface RunnerManifest {
  readonly manifestVersion: typeof MANIFEST_VERSION;
  /** What packed it; another version of either may make other bytes of the same sources. */
  readonly framework: { readonly name: 'runwright'; readonly version: string; readonly rolldown: string };
  /** Versions that the loading host must have, by package; `node` is the runtime's. Semver ranges. */
  readonly engines: Readonly<Record<string, string>>;
  readonly runner: ManifestRunner;
  /** The files of the code layer; the first is the one to import. Empty where there is no such layer. */
  readonly code: readonly ManifestCodeFile[];
  readonly model: ManifestModel;
  /** Keys that `@Load` gets: paths in the package, a folder with a trailing `/*`. Sorted. */
  readonly artifacts: readonly string[];
  /** Package paths of files with the executable bit. Sorted. */
  readonly executables: readonly string[];
  readonly requirements: LockedRequirements;
}
