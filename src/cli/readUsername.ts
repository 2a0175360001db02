import { readLine } from './readLine';
import type { Terminal } from './Terminal';
import { usageError } from './usageError';

/** Asks on the terminal who logs in. @throws RunwrightError RW_USAGE (nothing came) */
export async function readUsername({ stderr }: Terminal, signal: AbortSignal): Promise<string> {
  // readline draws the line anew, over a prompt that it does not know.
  const name = (await readLine('name: \n', stderr, signal, true)).trim();
  if (name !== '') return name;
  throw usageError('--username', 'the name is empty', 'Type a name, or give it with --username');
}
