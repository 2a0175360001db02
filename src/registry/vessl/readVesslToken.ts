import { readVesslConfig, userSetting, vesslConfigPath } from './readVesslConfig';

export interface VesslToken {
  /** Absent when there is none. */
  readonly token?: string | undefined;
  /** The variable or file that was looked into last. */
  readonly source: string;
}

/**
 * Looks up the user's token where the Python SDK does, in its order: `$VESSL_ACCESS_TOKEN`, the file that
 * `$VESSL_CREDENTIALS_FILE` names (which ends the search, also when it holds none), and the settings that `vessl configure`
 * writes (`$VESSL_CONFIG_PATH`, else `~/.vessl/config`).
 *
 * @throws RunwrightError RW_IO, RW_REGISTRY_DENIED (a file is not TOML)
 */
export async function readVesslToken(environment: NodeJS.ProcessEnv = process.env): Promise<VesslToken> {
  const token = environment['VESSL_ACCESS_TOKEN'] || undefined;
  if (token !== undefined) return { token, source: 'VESSL_ACCESS_TOKEN' };
  const path = (environment['VESSL_CREDENTIALS_FILE'] || undefined) ?? vesslConfigPath(environment);
  if (path === undefined) return { source: '~/.vessl/config' };
  return { token: userSetting(await readVesslConfig(path), 'access_token'), source: path };
}

/**
 * The organization that VESSL's own settings name: `$VESSL_DEFAULT_ORGANIZATION`, else `default_organization` of the same files.
 *
 * @throws RunwrightError RW_IO, RW_REGISTRY_DENIED (a file is not TOML)
 */
export async function readVesslOrganization(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const named = environment['VESSL_DEFAULT_ORGANIZATION'] || undefined;
  if (named !== undefined) return named;
  const path = (environment['VESSL_CREDENTIALS_FILE'] || undefined) ?? vesslConfigPath(environment);
  return path === undefined ? undefined : userSetting(await readVesslConfig(path), 'default_organization');
}
