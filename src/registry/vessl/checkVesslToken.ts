import { HttpClient } from '../http/HttpClient';
import { VesslApi, type VesslAccount } from './VesslApi';
import { VesslAuthorizer } from './VesslAuthorizer';

/**
 * Asks the platform whose token it is: for `runwright login`, before anything is stored.
 *
 * @param apiHost `https://api.vessl.ai`, or what `$VESSL_API_HOST` says
 * @throws RunwrightError RW_REGISTRY_DENIED (it is nobody's), RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_ANSWER
 */
export async function checkVesslToken(
  token: string,
  apiHost: URL,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<VesslAccount> {
  const own = { ...environment, VESSL_ACCESS_TOKEN: token };
  const authorizer = new VesslAuthorizer(apiHost.origin, apiHost.origin, own);
  return new VesslApi(new HttpClient({ authorizer, environment }), apiHost, apiHost.origin).readAccount();
}
