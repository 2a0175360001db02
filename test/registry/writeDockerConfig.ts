import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes credentials where Docker keeps them.
 *
 * @param folder for `$DOCKER_CONFIG`
 */
export function writeDockerConfig(
  folder: string,
  host: string,
  { username, password }: { readonly username: string; readonly password: string },
): void {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
}
