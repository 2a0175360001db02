import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on the terminal. @param shows whether what is typed is echoed */
export async function readLine(
  prompt: string,
  stderr: NodeJS.WriteStream,
  signal: AbortSignal,
  shows: boolean,
): Promise<string> {
  // readline echoes what is typed to its output.
  const output = shows ? stderr : new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, prompt, terminal: true });
  if (shows) lines.prompt();
  else stderr.write(prompt);
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
    // With an echo the line break of the answer has been shown too.
    if (!shows) stderr.write('\n');
  }
}
