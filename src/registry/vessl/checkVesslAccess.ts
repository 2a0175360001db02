import { RunwrightError } from '../../errors/RunwrightError';
import type { RegistryLocation } from '../RegistryLocation';
import { checkVesslToken } from './checkVesslToken';

/**
 * Asks VESSL whose a token is, and whether its owner is of the organization.
 *
 * @returns the name of the user
 * @throws RunwrightError RW_REGISTRY_DENIED, RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_ANSWER
 */
export async function checkVesslAccess(
  { url, apiHost, organization }: Extract<RegistryLocation, { kind: 'vessl' }>,
  token: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { username, organizations } = await checkVesslToken(token, apiHost, environment);
  if (organization === undefined || organizations.includes(organization)) return username;
  throw new RunwrightError('RW_REGISTRY_DENIED', {
    where: url,
    what: `${username} is not of the organization ${organization}`,
    hint:
      organizations.length === 0
        ? 'Ask somebody who is to invite you'
        : `Name one of ${organizations.join(', ')}, or ask somebody who is to invite you`,
  });
}
