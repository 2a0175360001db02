import { asRecord } from '../../artifact/asRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import { replacePrivateFile } from '../replacePrivateFile';
import { readVesslConfig, vesslConfigPath } from './readVesslConfig';

export interface StoredVesslCredentials {
  readonly token: string;
  /** Becomes `default_organization`; what stands there stays when it is left out. */
  readonly organization?: string | undefined;
}

/**
 * Writes a token where `vessl configure` does, for this user alone to read. What else the file says is kept.
 *
 * @returns the path of the file
 * @throws RunwrightError RW_IO, RW_OPTION_INVALID (there is no place for it, or `$VESSL_SAVE_CONFIG` forbids it)
 */
export async function storeVesslCredentials(
  { token, organization }: StoredVesslCredentials,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const path = vesslConfigPath(environment);
  if (path === undefined) {
    throw refuse(
      'VESSL_CONFIG_PATH',
      'this user has no home folder to keep the token in',
      'Set VESSL_CONFIG_PATH',
    );
  }
  if ((environment['VESSL_SAVE_CONFIG'] ?? 'true').toLowerCase() !== 'true') {
    throw refuse(
      'VESSL_SAVE_CONFIG',
      'it says that the settings of VESSL must not be written',
      'Unset it, or set VESSL_ACCESS_TOKEN instead of logging in',
    );
  }
  const config = (await readVesslConfig(path)) ?? {};
  const user = {
    ...asRecord(config['user']),
    access_token: token,
    ...(organization !== undefined && { default_organization: organization }),
  };
  const { stringify } = await import('smol-toml');
  const text = stringify({ ...config, user });
  await replacePrivateFile(path, text.endsWith('\n') ? text : `${text}\n`, "VESSL's settings");
  return path;
}

function refuse(where: string, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_OPTION_INVALID', { where, what, hint });
}
