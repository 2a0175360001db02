import type { Digest } from '../artifact/Digest';
import type { BundleWarning } from '../packer/bundle/Bundle';
import type { Constructor } from '../metadata/Constructor';
import type { Logger } from '../metadata/contexts';
import type { OnnxSource } from '../models/onnx/OnnxSource';
import type { TargetOptions } from './openTarget';

/**
 * What a registration is doing. A runner class: `bundle`, `check`, `save`, `pack`, `publish`; a torch model: `export` and `compare`
 * before that. `bytes` and `total` in the phases that move files, and in `publish` while some
 * are still being sent; in `compare` they count cases.
 */
export interface RegisterProgress {
  readonly phase: 'bundle' | 'export' | 'compare' | 'check' | 'save' | 'pack' | 'publish';
  readonly bytes?: number;
  readonly total?: number;
}

/** What every registration takes, whatever it registers. */
export interface RegistrationOptions extends TargetOptions {
  readonly onProgress?: ((progress: RegisterProgress) => void) | undefined;
  /**
   * What does not stop the registration and should be known: files that a dependency reads beside itself, a model whose items are run
   * one by one.
   */
  readonly onWarning?: ((warning: BundleWarning) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A runner class and the module that it comes from. */
export interface RegisterRunnerOptions extends RegistrationOptions {
  readonly runner: Constructor;
  /** The module that exports the runner class: a path, or `new URL('./iris.runner.ts', import.meta.url)`. */
  readonly entry: string | URL;
  /** What `@Save`, or the default saver, gets; a promise is awaited. `null` counts as absent. */
  readonly modelInstance?: unknown;
  /** npm packages that must be installed where the runner runs: `name` (the version installed here) or `name@1.2.3`. */
  readonly requirements?: readonly string[] | undefined;
  /** Local path to path in the package; a trailing `/*` on both sides takes a folder. */
  readonly artifacts?: Readonly<Record<string, string>> | undefined;
  /** Which export is the class, where two have its name. */
  readonly exportName?: string | undefined;
  /** Passed to `@Save`. */
  readonly logger?: Logger | undefined;
}

/** An ONNX model alone: the runner is made from it, named after the repository. */
export interface RegisterOnnxOptions extends RegistrationOptions {
  /** An `OnnxModel` of `runwright/onnx`. */
  readonly modelInstance: OnnxSource | Promise<OnnxSource>;
  /** Most items in one run, where the model can stack them. Default 32. */
  readonly maxBatchSize?: number | undefined;
  readonly runner?: undefined;
  readonly entry?: undefined;
  readonly exportName?: undefined;
  readonly requirements?: undefined;
  readonly artifacts?: undefined;
}

export type RegisterModelOptions = RegisterRunnerOptions | RegisterOnnxOptions;

export interface RegisteredModel {
  readonly organization: string;
  readonly repository: string;
  readonly number: number;
  readonly digest: Digest;
  /** `organization/repository:number`. */
  readonly reference: string;
}
