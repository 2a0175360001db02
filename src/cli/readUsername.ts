import { readLine } from './readLine';
import type { Terminal } from './Terminal';
import { usageError } from './usageError';

/** Asks on the terminal who logs in. @throws RunwrightError RW_USAGE (nothing came) */
export async function readUsername({ stderr }: Terminal, signal: AbortSignal): Promise<string> {
  const name = (await readLine('name: ', stderr, signal, true)).trim();
  if (name !== '') return name;
  throw usageError('--username', 'the name is empty', 'Type a name, or give it with --username');
}
