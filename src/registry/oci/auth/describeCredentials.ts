import type { CredentialOptions } from './DockerCredentials';
import { readDockerCredentials } from './readDockerCredentials';

/** What may be shown of a host's credentials. */
export interface CredentialDescription {
  /** The file, or the helper and the file that names it. */
  readonly source: string;
  /** `undefined` for an identity token. */
  readonly username: string | undefined;
}

/** Where a host's credentials come from, and whose they are. Fails as `readDockerCredentials`. */
export async function describeCredentials(
  host: string,
  options: CredentialOptions = {},
): Promise<CredentialDescription | undefined> {
  const found = await readDockerCredentials(host, options);
  if (found === undefined) return undefined;
  const { credentials, source } = found;
  return { source, username: 'username' in credentials ? credentials.username : undefined };
}
