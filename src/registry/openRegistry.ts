import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeFolder as findHomeFolder } from '../artifact/homeFolder';
import { isNameComponent } from '../artifact/Reference';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import { LocalRegistry } from './local/LocalRegistry';
import type { Registry } from './Registry';

export interface OpenRegistryOptions {
  /** The organization of references that name none: this, else `$RUNWRIGHT_ORGANIZATION`, else `default`. */
  organization?: string | undefined;
  /** Where the variables are looked up; `process.env` by default. */
  environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * The registry that a path or a `file:` URL names; by default `$RUNWRIGHT_REGISTRY`, else the folder
 * `.runwright/registry` under the user's home. Nothing is read or written here.
 *
 * @param url a registry that is open already comes back as it is
 * @throws RunwrightError RW_REGISTRY_INVALID (another scheme, or none named and no home), RW_OPTION_INVALID (the organization)
 * @example
 * openRegistry('/srv/models', { organization: 'acme' })
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
  const environment = options.environment ?? process.env;
  const fromEnvironment = environment.RUNWRIGHT_REGISTRY || undefined;
  const directory =
    url !== undefined
      ? toDirectory(url, 'registry')
      : fromEnvironment !== undefined
        ? toDirectory(fromEnvironment, 'RUNWRIGHT_REGISTRY')
        : join(homeFolder(), '.runwright', 'registry');
  return new LocalRegistry({
    directory,
    defaultOrganization: findOrganization(options.organization, environment),
  });
}

function homeFolder(): string {
  const home = findHomeFolder();
  if (home !== undefined) return home;
  throw new RunwrightError('RW_REGISTRY_INVALID', {
    where: 'RUNWRIGHT_REGISTRY',
    what: 'no registry is named, and this user has no home folder to look for one in',
    hint: 'Name a folder: set RUNWRIGHT_REGISTRY, or give the registry as an option',
  });
}

function toDirectory(url: string, where: string): string {
  const refuse = (what: string, cause?: unknown) =>
    new RunwrightError('RW_REGISTRY_INVALID', {
      where,
      what,
      hint: 'Name a folder, as a path (/srv/models, ./models) or as a file: URL (file:///srv/models)',
      cause,
    });
  if (url === '') throw refuse('the registry is an empty string');
  // One letter is a drive of Windows.
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return url;
  // The rest of the URL may hold a password.
  if (scheme !== 'file') throw refuse(`there is no kind of registry with the scheme "${scheme}:"`);
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw refuse('the file: URL does not name a folder of this machine', error);
  }
}

function findOrganization(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  const fromEnvironment = environment.RUNWRIGHT_ORGANIZATION || undefined;
  const organization = option ?? fromEnvironment ?? 'default';
  if (isNameComponent(organization)) return organization;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: option === undefined ? 'RUNWRIGHT_ORGANIZATION' : 'organization',
    what: 'this is not a name of an organization',
    hint: 'Write at most 128 lower-case letters and digits, joined by single ".", "_" or "-"',
  });
}
