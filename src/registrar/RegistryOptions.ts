import type { Registry } from '../registry/Registry';

/** Which registry a call speaks to. */
export interface RegistryOptions {
  /** A path, a URL, or a registry. Default: `$RUNWRIGHT_REGISTRY`, else `~/.runwright/registry`. */
  readonly registry?: string | Registry | undefined;
  /** The organization of names that name none. Default: `$RUNWRIGHT_ORGANIZATION`, else `default`. */
  readonly organizationName?: string | undefined;
}
