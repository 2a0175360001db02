import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Served {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Serves the newest number of a repository, in a process of its own that finds no Python. */
export async function serve(repository: string, registry: string, cache: string): Promise<Served> {
  const server = spawn(
    process.execPath,
    [cli, 'serve', repository, '--registry', registry, '--port', '0', '--json', '--quiet'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PATH: '', RUNWRIGHT_CACHE: cache } },
  );
  const exited = once(server, 'exit');
  for await (const line of createInterface({ input: server.stdout })) {
    const { url } = JSON.parse(line) as { url: string };
    return {
      url,
      stop: async () => {
        server.kill('SIGTERM');
        await exited;
      },
    };
  }
  throw new Error('the server ended before it listened');
}
