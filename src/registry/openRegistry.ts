import { isNameComponent } from '../artifact/Reference';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import { LazyRegistry } from './LazyRegistry';
import { LocalRegistry } from './local/LocalRegistry';
import { locateRegistry } from './locateRegistry';
import type { Registry } from './Registry';

export interface OpenRegistryOptions {
  /** The organization of references that name none: this, else `$RUNWRIGHT_ORGANIZATION`, else `default`. */
  organization?: string | undefined;
  /** Where the variables are looked up; `process.env` by default. */
  environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * The registry that a path or a URL names (`file:`, `oci://host/prefix`, `vessl://organization`); by default
 * `$RUNWRIGHT_REGISTRY`, else the folder `.runwright/registry` under the user's home. Nothing is read, written or sent here.
 *
 * References that name no organization get `organization`, else the one that a `vessl:` URL names, else
 * `$RUNWRIGHT_ORGANIZATION`, else `default`.
 *
 * @param url a registry that is open already comes back as it is
 * @throws RunwrightError RW_REGISTRY_INVALID (another scheme, credentials in the URL, or none named and no home),
 *   RW_OPTION_INVALID (the organization)
 * @example
 * openRegistry('/srv/models', { organization: 'acme' })
 * openRegistry('oci://ghcr.io/acme')
 */
export function openRegistry(url?: string | Registry, options: OpenRegistryOptions = {}): Registry {
  if (typeof url === 'object' && url !== null) return url;
  if (url !== undefined && typeof url !== 'string') {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'registry',
      what: `a path, a URL or a registry is expected, received ${describeType(url)}`,
      hint: 'Leave it out for $RUNWRIGHT_REGISTRY, or ~/.runwright/registry',
    });
  }
  const { environment = process.env } = options;
  const { location } = locateRegistry(url, environment);
  const named =
    location.kind === 'vessl'
      ? (location.organization ?? (environment['VESSL_DEFAULT_ORGANIZATION'] || undefined))
      : undefined;
  const defaultOrganization = findOrganization(options.organization, environment, named);
  switch (location.kind) {
    case 'folder':
      return new LocalRegistry({ directory: location.directory, defaultOrganization });
    case 'oci':
      return new LazyRegistry(location.url, defaultOrganization, async () => {
        const { OciRegistry } = await import('./oci/OciRegistry.js');
        return new OciRegistry({ ...location, defaultOrganization, environment });
      });
    case 'vessl':
      return new LazyRegistry(location.url, defaultOrganization, async () => {
        const { VesslRegistry } = await import('./vessl/VesslRegistry.js');
        return new VesslRegistry({ ...location, organization: defaultOrganization, environment });
      });
  }
}

function findOrganization(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
  named: string | undefined,
): string {
  const fromEnvironment = environment.RUNWRIGHT_ORGANIZATION || undefined;
  const organization = option ?? named ?? fromEnvironment ?? 'default';
  if (isNameComponent(organization)) return organization;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: option === undefined ? 'RUNWRIGHT_ORGANIZATION' : 'organization',
    what: 'this is not a name of an organization',
    hint: 'Write at most 128 lower-case letters and digits, joined by single ".", "_" or "-"',
  });
}
