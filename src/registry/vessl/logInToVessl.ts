import { RunwrightError } from '../../errors/RunwrightError';
import type { LogInOptions, RegistryAccess } from '../RegistryAccess';
import type { RegistryLocation } from '../RegistryLocation';
import { checkVesslAccess } from './checkVesslAccess';
import { readVesslToken } from './readVesslToken';
import { storeVesslCredentials } from './storeVesslCredentials';

/** Checks an access token and keeps it where `vessl configure` does; without one, checks the one that is kept. */
export async function logInToVessl(
  location: Extract<RegistryLocation, { kind: 'vessl' }>,
  { username, password, token, environment = process.env }: LogInOptions,
): Promise<RegistryAccess> {
  if (username !== undefined || password !== undefined) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'credentials',
      what: 'VESSL takes an access token, and a name or a password is given',
      hint: 'Give the token alone',
    });
  }
  if (token === undefined) {
    const kept = await readVesslToken(environment);
    if (kept.token === undefined) {
      throw new RunwrightError('RW_REGISTRY_DENIED', {
        where: location.url,
        what: `there is no access token of VESSL (looked for at last in ${kept.source})`,
        hint: `Give one: \`runwright login vessl://${location.organization ?? '<organization>'} --token-stdin\`, or set VESSL_ACCESS_TOKEN`,
      });
    }
    const owner = await checkVesslAccess(location, kept.token, environment);
    return { source: kept.source, username: owner, stored: false, checked: true };
  }
  const owner = await checkVesslAccess(location, token, environment);
  const { organization } = location;
  const source = await storeVesslCredentials({ token, organization }, environment);
  return { source, username: owner, stored: true, checked: true };
}
