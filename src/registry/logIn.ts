import { RunwrightError } from '../errors/RunwrightError';
import { parseRegistryUrl } from './parseRegistryUrl';
import type { LogInOptions, RegistryAccess } from './RegistryAccess';

/**
 * Checks credentials against a registry, and then keeps them where the registry's own tools do: Docker's file or credential
 * helper, or VESSL's settings. Without any given, it checks those that are there. When the registry refuses, nothing is
 * written.
 *
 * @throws RunwrightError RW_REGISTRY_INVALID, RW_OPTION_INVALID, RW_REGISTRY_DENIED, RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_ANSWER,
 *   RW_ABORTED, RW_IO
 */
export async function logIn(url: string, options: LogInOptions = {}): Promise<RegistryAccess> {
  const { where = 'registry' } = options;
  const location = parseRegistryUrl(url, where, options.environment);
  if (location.kind === 'oci') return (await import('./oci/logInToOci.js')).logInToOci(location, options);
  if (location.kind === 'vessl')
    return (await import('./vessl/logInToVessl.js')).logInToVessl(location, options);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where,
    what: 'a folder asks nobody who they are',
    hint: 'Name a registry that is reached over the network: oci://host/prefix or vessl://organization',
  });
}
