import type { Authorizer } from '../http/Authorizer';
import { HttpClient } from '../http/HttpClient';
import type { HttpRequest } from '../http/HttpRequest';
import type { RegistryLocation } from '../RegistryLocation';
import type { DockerCredentials } from './auth/DockerCredentials';
import { OciAuthorizer } from './auth/OciAuthorizer';

export interface OciAccessOptions {
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Instead of those that are kept. */
  readonly credentials?: DockerCredentials | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a registry whether it lets this user in: `GET /v2/` (distribution-spec 1.1, determining support).
 *
 * @returns whether it asked who is there: when it did not, nothing is known of the credentials
 * @throws RunwrightError RW_REGISTRY_DENIED, RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_ANSWER (it is no OCI registry), RW_ABORTED
 */
export async function checkOciAccess(
  { origin, host, url: where }: Extract<RegistryLocation, { kind: 'oci' }>,
  { environment = process.env, credentials, signal }: OciAccessOptions = {},
): Promise<{ asked: boolean }> {
  const authorizer = new OciAuthorizer({ origin, host, environment, credentials });
  let asked = false;
  const watched: Authorizer = {
    origin: authorizer.origin,
    login: authorizer.login,
    headers: (request) => authorizer.headers(request),
    refused: (request, answer) => {
      asked = true;
      return authorizer.refused(request, answer);
    },
  };
  const request: HttpRequest = { method: 'GET', url: new URL('/v2/', origin), where, signal };
  await new HttpClient({ authorizer: watched, environment }).send(request);
  return { asked };
}
