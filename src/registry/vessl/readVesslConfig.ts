import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from '../../artifact/homeFolder';
import { isRecord } from '../../artifact/isRecord';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { RunwrightError } from '../../errors/RunwrightError';

/** Path of the file that `vessl configure` writes; `undefined` where the user has no home and none is named. */
export function vesslConfigPath(environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment['VESSL_CONFIG_PATH'] || undefined;
  if (named !== undefined) return named;
  const home = homeFolder();
  return home === undefined ? undefined : join(home, '.vessl', 'config');
}

/**
 * The tables of a settings file of VESSL; `undefined` when there is no such file.
 *
 * @throws RunwrightError RW_IO, RW_REGISTRY_DENIED (it is not TOML)
 */
export async function readVesslConfig(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw ioError(error, path, "read VESSL's settings");
  }
  const { parse } = await import('smol-toml');
  try {
    return parse(text);
  } catch {
    // The parser's error quotes the line, which may hold the token.
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: path,
      what: "VESSL's settings cannot be read: the file is not TOML",
      hint: 'Mend the file, or move it away and log in again',
    });
  }
}

/** A text of the table `[user]`; an empty one counts as absent. */
export function userSetting(
  config: Readonly<Record<string, unknown>> | undefined,
  key: string,
): string | undefined {
  const user = config?.['user'];
  const value = isRecord(user) ? user[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
