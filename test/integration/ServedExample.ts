import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { makeFolder, removeFolder } from './temporaryFolder';

const run = promisify(execFile);
const root = join(__dirname, '../..');

/** An example as its README runs it: registered by its own program, then served from the registry by the command line. */
export class ServedExample {
  private constructor(
    /** What the program printed. */
    readonly printed: string,
    readonly url: string,
    private readonly server: ChildProcess,
    private readonly folder: string,
  ) {}

  /** @param name of the folder in examples/, and of the repository that it registers in */
  static async start(name: string): Promise<ServedExample> {
    const folder = await makeFolder();
    const registry = join(folder, 'registry');
    const env = { ...process.env, RUNWRIGHT_REGISTRY: registry, RUNWRIGHT_CACHE: join(folder, 'cache') };
    const { stdout } = await run(process.execPath, [join(root, `build/examples/${name}/register.js`)], {
      env,
    });
    const server = spawn(
      process.execPath,
      [join(root, 'dist/cli/main.js'), 'serve', name, '--port', '0', '--json', '--quiet'],
      { env, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const line of createInterface({ input: server.stdout })) {
      const { url } = JSON.parse(line) as { url: string };
      return new ServedExample(stdout, url, server, folder);
    }
    throw new Error('the server ended before it listened');
  }

  /** Asks for a prediction with a form. */
  ask(
    parts: Readonly<Record<string, string | Blob>>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const body = new FormData();
    for (const [name, part] of Object.entries(parts)) body.append(name, part);
    return fetch(`${this.url}/predict`, { method: 'POST', headers, body });
  }

  /** Ends the server, which must have nothing to complain of. */
  async stop(): Promise<void> {
    const exited = once(this.server, 'exit');
    this.server.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    await removeFolder(this.folder);
    if (code !== 0) throw new Error(`the server ended with ${code}`);
  }
}
