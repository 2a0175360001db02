import { readVesslConfig, userSetting, vesslConfigPath } from './readVesslConfig';

export interface VesslCredentials {
  /** Absent when there is none. */
  readonly token?: string | undefined;
  readonly organization?: string | undefined;
  /** What the token was looked for in at last: a variable or a file. */
  readonly source: string;
}

/**
 * Looks up the user's token where the Python SDK does, in its order: `$VESSL_ACCESS_TOKEN`, the file that
 * `$VESSL_CREDENTIALS_FILE` names (which ends the search, also when it holds none), and the settings that `vessl configure`
 * writes (`$VESSL_CONFIG_PATH`, else `~/.vessl/config`). The organization likewise, from `$VESSL_DEFAULT_ORGANIZATION` on.
 *
 * @throws RunwrightError RW_IO, RW_REGISTRY_DENIED (a file is not TOML)
 */
export async function readVesslCredentials(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<VesslCredentials> {
  const organization = environment['VESSL_DEFAULT_ORGANIZATION'] || undefined;
  const token = environment['VESSL_ACCESS_TOKEN'] || undefined;
  const file = environment['VESSL_CREDENTIALS_FILE'] || undefined;
  const path = file ?? vesslConfigPath(environment);
  if (token !== undefined && organization !== undefined) {
    return { token, organization, source: 'VESSL_ACCESS_TOKEN' };
  }
  const config = path === undefined ? undefined : await readVesslConfig(path);
  return {
    token: token ?? userSetting(config, 'access_token'),
    organization: organization ?? userSetting(config, 'default_organization'),
    source: token === undefined ? (path ?? '~/.vessl/config') : 'VESSL_ACCESS_TOKEN',
  };
}
