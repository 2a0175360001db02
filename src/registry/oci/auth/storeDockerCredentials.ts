import { asRecord } from '../../../artifact/asRecord';
import { RunwrightError } from '../../../errors/RunwrightError';
import { replacePrivateFile } from '../../replacePrivateFile';
import { credentialFiles } from './credentialFiles';
import { credentialKey, isKeyOf } from './credentialKey';
import { DockerConfig } from './DockerConfig';
import type { CredentialOptions } from './DockerCredentials';
import { runCredentialHelper } from './runCredentialHelper';

/**
 * Keeps a login where `docker login` would: with the helper program that is set up for the host, else in the file of
 * credentials (the first of `credentialFiles`), readable by its owner alone. All else in that file stays as it is.
 *
 * @returns where it is kept now, for people
 * @throws RunwrightError RW_IO, RW_OPTION_INVALID (the file is damaged, or there is no home), RW_REGISTRY_DENIED (the helper failed)
 */
export async function storeDockerCredentials(
  host: string,
  { username, password }: { readonly username: string; readonly password: string },
  options: CredentialOptions = {},
): Promise<string> {
  const [file] = credentialFiles(options);
  if (file === undefined) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: 'HOME',
      what: 'this user has no home folder to keep credentials in',
      hint: 'Set DOCKER_CONFIG to a folder, or REGISTRY_AUTH_FILE to a file',
    });
  }
  const config = await DockerConfig.read(file);
  const key = credentialKey(host);
  const helper = config.helperOf(host);
  if (helper !== undefined) {
    const input = JSON.stringify({ ServerURL: key, Username: username, Secret: password });
    const { environment = process.env } = options;
    await runCredentialHelper({ helper, verb: 'store', input, host, file, environment });
    return `docker-credential-${helper}, named in ${file}`;
  }
  // What an older login has left under another name of the host would be found first.
  const others = Object.entries(asRecord(config.content['auths'])).filter(([name]) => !isKeyOf(name, host));
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const auths = { ...Object.fromEntries(others), [key]: { auth } };
  const text = JSON.stringify({ ...config.content, auths }, null, '\t');
  await replacePrivateFile(file, `${text}\n`, 'the credentials');
  return file;
}
