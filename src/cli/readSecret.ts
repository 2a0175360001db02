import { text } from 'node:stream/consumers';
import { readLine } from './readLine';
import type { Terminal } from './Terminal';
import { usageError } from './usageError';

/**
 * A password or a token from stdin: asked for without an echo on a terminal, else everything that comes, without the line break
 * at its end.
 *
 * @param what for people: `password`
 * @param flag that it is for, for messages
 * @throws RunwrightError RW_USAGE (nothing came)
 */
export async function readSecret(
  what: string,
  flag: string,
  { stderr }: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const secret = process.stdin.isTTY
    ? await readLine(`${what}: `, stderr, signal, false)
    : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw usageError(flag, `the ${what} is empty`, `Write the ${what} to stdin`);
}
