import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(__dirname, '..', '..');

/** Compiles the sources into a folder; what does not type-check elsewhere in them does not matter here. */
export function compileSources(folder: string): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', 'src', '--outDir', folder, '--noEmitOnError', 'false', '--declaration', 'false'];
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...options], { cwd: root, encoding: 'utf8' });
  if (!existsSync(join(folder, 'registry', 'local', 'LocalRegistry.js'))) throw new Error(stdout + stderr);
}

export interface RegistryProcess {
  readonly child: ChildProcess;
  /** What it has said so far, one JSON value a line. */
  readonly lines: unknown[];
  /** Resolves when it has said its n-th line. */
  said(count: number): Promise<void>;
  /** Resolves when it has ended and all it said has been read. */
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** Starts `fixtures/registryProcess.cjs`. */
export function startRegistryProcess(
  compiled: string,
  args: readonly string[],
  options: SpawnOptions = {},
): RegistryProcess {
  const script = join(__dirname, 'fixtures', 'registryProcess.cjs');
  const child = spawn(process.execPath, [script, compiled, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: unknown[] = [];
  const waiting: { count: number; done: () => void }[] = [];
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  if (child.stdout === null) throw new Error('the process has no stdout');
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => {
    // The last line of a killed process may be a part of one.
    try {
      lines.push(JSON.parse(line));
    } catch {
      return;
    }
    for (const { count, done } of waiting) if (lines.length >= count) done();
  });
  const read = new Promise<void>((done) => reader.on('close', done));
  const exit = new Promise<number | null>((done) => child.on('exit', done));
  const ended = Promise.all([exit, read]).then(([code]) => ({ code, stderr }));
  return {
    child,
    lines,
    ended,
    said: (count) =>
      new Promise((done, fail) => {
        if (lines.length >= count) done();
        waiting.push({ count, done });
        void ended.then(() => fail(new Error(`the process ended: ${stderr}`)));
      }),
  };
}
