import { readFile } from 'node:fs/promises';
import { asRecord } from '../../../artifact/asRecord';
import { isRecord } from '../../../artifact/isRecord';
import { ioError } from '../../../errors/ioError';
import { isMissing } from '../../../errors/isMissing';
import { RunwrightError } from '../../../errors/RunwrightError';
import { isKeyOf } from './credentialKey';
import type { DockerCredentials } from './DockerCredentials';

/**
 * A file in which Docker or Podman keep credentials: `{auths: {host: {auth, identitytoken}}, credHelpers: {host: name},
 * credsStore: name}` (https://docs.docker.com/reference/cli/docker/login/).
 */
export class DockerConfig {
  private constructor(
    readonly file: string,
    /** All that stands in it; empty when there is no such file. */
    readonly content: Readonly<Record<string, unknown>>,
  ) {}

  /** @throws RunwrightError RW_IO, RW_OPTION_INVALID (it is no JSON object) */
  static async read(file: string): Promise<DockerConfig> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '{}';
      throw ioError(error, file, 'read the credentials');
    });
    let content: unknown;
    try {
      content = JSON.parse(text.trim() === '' ? '{}' : text);
    } catch {
      // The cause would quote the file.
    }
    if (isRecord(content)) return new DockerConfig(file, content);
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: file,
      what: 'the file of credentials is not a JSON object',
      hint: 'Mend it, or move it away and log in again',
    });
  }

  /** The name of the program that keeps the credentials of the host. */
  helperOf(host: string): string | undefined {
    const helpers = asRecord(this.content['credHelpers']);
    const key = Object.keys(helpers).find((name) => isKeyOf(name, host));
    return nonEmpty(key === undefined ? undefined : helpers[key]) ?? nonEmpty(this.content['credsStore']);
  }

  /** The credentials of the host that stand in the file itself. */
  credentialsOf(host: string): DockerCredentials | undefined {
    const auths = asRecord(this.content['auths']);
    const key = Object.hasOwn(auths, host) ? host : Object.keys(auths).find((name) => isKeyOf(name, host));
    const entry = asRecord(key === undefined ? undefined : auths[key]);
    const identityToken = nonEmpty(entry['identitytoken']);
    if (identityToken !== undefined) return { identityToken };
    const pair = Buffer.from(nonEmpty(entry['auth']) ?? '', 'base64').toString();
    const colon = pair.indexOf(':');
    if (colon > 0) return { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
    const username = nonEmpty(entry['username']);
    const password = nonEmpty(entry['password']);
    return username === undefined || password === undefined ? undefined : { username, password };
  }
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
