import type { Digest } from '../artifact/Digest';
import type { BundleWarning } from '../packer/bundle/Bundle';
import type { Constructor } from '../metadata/Constructor';
import type { Logger } from '../metadata/contexts';
import type { Registry } from '../registry/Registry';

/** What a registration is doing, in this order; `bytes` and `total` in the phases that move files. */
export interface RegisterProgress {
  readonly phase: 'bundle' | 'check' | 'save' | 'pack' | 'publish';
  readonly bytes?: number;
  readonly total?: number;
}

export interface RegisterModelOptions {
  /** Lower-case letters and digits, joined by single `.`, `_` or `-`. Made when it does not exist. */
  readonly repositoryName: string;
  /** `null` for a new number; otherwise a number that exists. */
  readonly modelNumber: number | null;
  readonly runner: Constructor;
  /** The module that exports the runner class: a path, or `new URL('./iris.runner.ts', import.meta.url)`. */
  readonly entry: string | URL;
  /** What `@Save`, or the default saver, gets. */
  readonly modelInstance?: unknown;
  /** npm packages that must be installed where the runner runs: `name` (the version installed here) or `name@1.2.3`. */
  readonly requirements?: readonly string[] | undefined;
  /** Local path to path in the package; a trailing `/*` on both sides takes a folder. */
  readonly artifacts?: Readonly<Record<string, string>> | undefined;
  /** Default: the registry's. */
  readonly organizationName?: string | undefined;
  /** A path, a URL, or a registry. Default: `$RUNWRIGHT_REGISTRY`, else `~/.runwright/registry`. */
  readonly registry?: string | Registry | undefined;
  /** Which export is the class, where two have its name. */
  readonly exportName?: string | undefined;
  /** With a number: only when it still points at this package. */
  readonly expectedDigest?: Digest | null | undefined;
  readonly onProgress?: ((progress: RegisterProgress) => void) | undefined;
  /** What does not stop the registration and should be known: files that a dependency reads beside itself, and the like. */
  readonly onWarning?: ((warning: BundleWarning) => void) | undefined;
  /** Passed to `@Save`. */
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RegisteredModel {
  readonly organization: string;
  readonly repository: string;
  readonly number: number;
  readonly digest: Digest;
  /** `organization/repository:number`. */
  readonly reference: string;
}
