import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(__dirname, '../../dist/cli/main.js');
const FIXTURES = join(__dirname, 'fixtures/cli');

export interface Ended {
  readonly code: number | null;
  /** Of a process that a signal ended. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves when a stream has shown the text. */
  shows(stream: 'stdout' | 'stderr', text: string): Promise<void>;
  /** Of stdout. */
  firstLine(): Promise<string>;
}

/** A folder with the fixture runners, a registry and a cache of its own. */
export class CliProject {
  private constructor(readonly directory: string) {}

  static async create(): Promise<CliProject> {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'runwright-cli-')));
    await cp(FIXTURES, directory, { recursive: true });
    return new CliProject(directory);
  }

  /** Absolute. */
  path(name: string): string {
    return join(this.directory, name);
  }

  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.directory,
      env: {
        ...process.env,
        RUNWRIGHT_REGISTRY: this.path('registry'),
        RUNWRIGHT_CACHE: this.path('cache'),
        RUNWRIGHT_ORGANIZATION: '',
        // So that what is left behind can be seen.
        TMPDIR: this.directory,
        SLOW_LOG: this.path('slow.log'),
        ...environment,
      },
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
    // A command that ends early does not read its input.
    child.stdin.on('error', () => undefined);
    let done = false;
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        done = true;
        resolve({ code, signal, ...text });
      });
    });
    const shows: Running['shows'] = async (stream, wanted) => {
      while (!text[stream].includes(wanted)) {
        if (done) throw new Error(`it ended without showing "${wanted}":\n${text.stdout}\n${text.stderr}`);
        await sleep(10);
      }
    };
    const firstLine = async (): Promise<string> => {
      await shows('stdout', '\n');
      return text.stdout.slice(0, text.stdout.indexOf('\n'));
    };
    return { child, ended, shows, firstLine };
  }

  run(args: readonly string[], input = '', environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const { child, ended } = this.start(args, environment);
    child.stdin.end(input);
    return ended;
  }

  /** What the slow runner has noted. */
  get slowLog(): string {
    return existsSync(this.path('slow.log')) ? readFileSync(this.path('slow.log'), 'utf8') : '';
  }

  async slowLogShows(text: string): Promise<void> {
    while (!this.slowLog.includes(text)) await sleep(10);
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** Processes that a process has started. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
