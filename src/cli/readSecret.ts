import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
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
    ? await ask(`${what}: `, stderr, signal)
    : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw usageError(flag, `the ${what} is empty`, `Write the ${what} to stdin`);
}

async function ask(prompt: string, stderr: NodeJS.WriteStream, signal: AbortSignal): Promise<string> {
  stderr.write(prompt);
  // readline echoes what is typed to its output.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      // In raw mode Ctrl-C is a key.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    stderr.write('\n');
  }
}
