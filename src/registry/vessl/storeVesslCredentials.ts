import { open, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asRecord } from '../../artifact/asRecord';
import { makeFolder } from '../../artifact/makeFolder';
import { newOwnerId } from '../../artifact/ownerId';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
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
  await replaceFile(path, stringify({ ...config, user }));
  return path;
}

/** The file may be a link into a folder of settings that is kept elsewhere: then it stays one. */
async function replaceFile(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    const target = await realpath(path).catch(() => path);
    const aside = `${target}.${newOwnerId()}`;
    try {
      const file = await open(aside, 'wx', 0o600);
      try {
        await file.writeFile(text.endsWith('\n') ? text : `${text}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, target);
    } catch (error) {
      await unlink(aside).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw ioError(error, path, "write VESSL's settings");
  }
}

function refuse(where: string, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_OPTION_INVALID', { where, what, hint });
}
