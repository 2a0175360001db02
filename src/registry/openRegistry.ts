import { resolve } from 'node:path';
import { isNameComponent } from '../artifact/Reference';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import { LazyRegistry } from './LazyRegistry';
import { locateRegistry } from './locateRegistry';
import type { Registry } from './Registry';
import type { RegistryLocation } from './RegistryLocation';

export interface OpenRegistryOptions {
  /** The organization of references that name none; see `openRegistry`. */
  organization?: string | undefined;
  /** Where the variables are looked up; `process.env` by default. */
  environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * The registry that a path or a URL names (`file:`, `oci://host/prefix`, `vessl://organization`); by default
 * `$RUNWRIGHT_REGISTRY`, else the folder `.runwright/registry` under the user's home. Nothing is read, written or sent here.
 *
 * References that name no organization get `organization`, else the one that a `vessl:` URL names, else
 * `$VESSL_DEFAULT_ORGANIZATION` (for `vessl:`), else `$RUNWRIGHT_ORGANIZATION`, else `default` (not for `vessl:`).
 *
 * @param url a registry that is open already comes back as it is
 * @throws RunwrightError RW_REGISTRY_INVALID (another scheme, credentials in the URL, none named and no home, `vessl:` alone),
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
  const defaultOrganization = findOrganization(location, options.organization, environment);
  switch (location.kind) {
    case 'folder': {
      // Now: the working directory may be another one at the first call.
      const directory = resolve(location.directory);
      return new LazyRegistry(directory, defaultOrganization, async () => {
        const { LocalRegistry } = await import('./local/LocalRegistry.js');
        return new LocalRegistry({ directory, defaultOrganization });
      });
    }
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
  location: RegistryLocation,
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): string {
  const isVessl = location.kind === 'vessl';
  const candidates: readonly (readonly [where: string, name: string | undefined])[] = [
    ['organization', option],
    ['registry', isVessl ? location.organization : undefined],
    [
      'VESSL_DEFAULT_ORGANIZATION',
      isVessl ? environment['VESSL_DEFAULT_ORGANIZATION'] || undefined : undefined,
    ],
    ['RUNWRIGHT_ORGANIZATION', environment['RUNWRIGHT_ORGANIZATION'] || undefined],
  ];
  const [where, organization] = candidates.find(([, name]) => name !== undefined) ?? [];
  if (organization === undefined) {
    if (!isVessl) return 'default';
    throw new RunwrightError('RW_REGISTRY_INVALID', {
      where: 'registry',
      what: 'the URL names no organization of VESSL',
      hint: 'Write vessl://<organization>, or set VESSL_DEFAULT_ORGANIZATION',
    });
  }
  if (isNameComponent(organization)) return organization;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where,
    what: 'this is not a name of an organization',
    hint: 'Write at most 128 lower-case letters and digits, joined by single ".", "_" or "-"',
  });
}
