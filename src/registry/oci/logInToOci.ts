import { RunwrightError } from '../../errors/RunwrightError';
import { DeniedError } from '../http/DeniedError';
import type { LogInOptions, RegistryAccess } from '../RegistryAccess';
import type { RegistryLocation } from '../RegistryLocation';
import { describeCredentials } from './auth/describeCredentials';
import { storeDockerCredentials } from './auth/storeDockerCredentials';
import { checkOciAccess } from './checkOciAccess';

/** Checks credentials and keeps them where Docker does; without any, checks those that are kept. */
export async function logInToOci(
  location: Extract<RegistryLocation, { kind: 'oci' }>,
  { username, password, token, environment, signal }: LogInOptions,
): Promise<RegistryAccess> {
  const { host } = location;
  if (token !== undefined || (username === undefined) !== (password === undefined)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'credentials',
      what: 'an OCI registry takes a name and a password, and something else is given',
      hint: 'Give both; an access token is given as the password',
    });
  }
  if (username === undefined || password === undefined) {
    const kept = await describeCredentials(host, { environment });
    const { asked } = await checkOciAccess(location, { environment, signal });
    const { source = null, username: owner = null } = kept ?? {};
    return { source, username: owner, stored: false, checked: asked && kept !== undefined };
  }
  const credentials = { username, password };
  const { asked } = await checkOciAccess(location, { environment, credentials, signal }).catch(
    (error: unknown) => {
      if (!(error instanceof DeniedError) || error.status !== 401) throw error;
      throw new RunwrightError('RW_REGISTRY_DENIED', {
        where: location.url,
        what: 'the name or the password is wrong; nothing was kept',
        hint: 'Check both and log in again; many registries take an access token for a password',
        cause: error,
      });
    },
  );
  const source = await storeDockerCredentials(host, credentials, { environment });
  return { source, username, stored: true, checked: asked };
}
