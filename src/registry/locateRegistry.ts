import { join } from 'node:path';
import { homeFolder } from '../artifact/homeFolder';
import { RunwrightError } from '../errors/RunwrightError';
import { parseRegistryUrl } from './parseRegistryUrl';
import type { RegistryLocation } from './RegistryLocation';

/** Which registry is meant, and what said so. */
export interface LocatedRegistry {
  readonly location: RegistryLocation;
  readonly reason: 'option' | 'RUNWRIGHT_REGISTRY' | 'default';
}

/**
 * The registry that is used: the one that is named, else `$RUNWRIGHT_REGISTRY`, else the folder `.runwright/registry` under
 * the user's home.
 *
 * @throws RunwrightError RW_REGISTRY_INVALID
 */
export function locateRegistry(
  url: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): LocatedRegistry {
  if (url !== undefined)
    return { location: parseRegistryUrl(url, 'registry', environment), reason: 'option' };
  const named = environment['RUNWRIGHT_REGISTRY'] || undefined;
  if (named !== undefined) {
    return {
      location: parseRegistryUrl(named, 'RUNWRIGHT_REGISTRY', environment),
      reason: 'RUNWRIGHT_REGISTRY',
    };
  }
  const home = homeFolder();
  if (home === undefined) {
    throw new RunwrightError('RW_REGISTRY_INVALID', {
      where: 'RUNWRIGHT_REGISTRY',
      what: 'no registry is named, and this user has no home folder to look for one in',
      hint: 'Name a registry: set RUNWRIGHT_REGISTRY, or give it as an option',
    });
  }
  const directory = join(home, '.runwright', 'registry');
  return { location: { kind: 'folder', url: directory, directory }, reason: 'default' };
}
