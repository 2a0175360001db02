import { asRecord } from '../../../artifact/asRecord';
import { RunwrightError } from '../../../errors/RunwrightError';
import { credentialFiles } from './credentialFiles';
import { credentialKey } from './credentialKey';
import type { CredentialOptions, DockerCredentials } from './DockerCredentials';
import { DockerConfig } from './DockerConfig';
import { runCredentialHelper } from './runCredentialHelper';

export interface FoundCredentials {
  readonly credentials: DockerCredentials;
  /** For people: the file, or the helper and the file that names it. */
  readonly source: string;
}

/**
 * The credentials of a registry's host, from where Docker and Podman keep them (`credentialFiles`): a helper program, else the
 * file itself.
 *
 * @param host exactly as logged in to, with the port that its URL names: `ghcr.io`, `localhost:5000`
 * @returns `undefined` when nothing holds any
 * @throws RunwrightError RW_REGISTRY_DENIED (the helper failed), RW_OPTION_INVALID and RW_IO (a file cannot be read)
 */
export async function readDockerCredentials(
  host: string,
  options: CredentialOptions = {},
): Promise<FoundCredentials | undefined> {
  for (const file of credentialFiles(options)) {
    const config = await DockerConfig.read(file);
    const helper = config.helperOf(host);
    if (helper !== undefined) {
      const credentials = await ask(helper, host, file, options);
      if (credentials !== undefined)
        return { credentials, source: `docker-credential-${helper}, named in ${file}` };
    }
    const credentials = config.credentialsOf(host);
    if (credentials !== undefined) return { credentials, source: file };
  }
  return undefined;
}

async function ask(
  helper: string,
  host: string,
  file: string,
  { environment = process.env }: CredentialOptions,
): Promise<DockerCredentials | undefined> {
  const input = credentialKey(host);
  const answer = await runCredentialHelper({ helper, verb: 'get', input, host, file, environment });
  if (answer === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer);
  } catch {
    // The cause would quote the answer.
  }
  const { Username: username, Secret: secret } = asRecord(parsed);
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: host,
      what: `the credential helper docker-credential-${helper} that ${file} names did not answer with {"Username", "Secret"}`,
      hint: 'Update the helper, or take it out of that file and log in again',
    });
  }
  if (secret === '') return undefined;
  return username === '<token>' ? { identityToken: secret } : { username, password: secret };
}
