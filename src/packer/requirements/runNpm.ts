import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { npmFault, type NpmWords } from './npmFault';

const LINES_KEPT = 200;
/** Milliseconds that npm has to end by itself: in the middle of a download it does not. */
const PATIENCE = 1000;
const isWindows = process.platform === 'win32';

export interface RunNpmOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line that npm prints. */
  readonly onOutput?: ((line: string) => void) | undefined;
}

/**
 * Runs npm to its end. Environment and home stay as they are, so that the user's .npmrc applies: registry, tokens, proxy.
 *
 * @throws RunwrightError RW_REQUIREMENT_INSTALL with npm's own words; the signal's reason when that has fired
 */
export async function runNpm(
  args: readonly string[],
  { cwd, signal, onOutput }: RunNpmOptions,
): Promise<void> {
  signal?.throwIfAborted();
  // A group of its own, so that what npm started ends with it. Windows knows npm as a script of its shell only.
  const npm = spawn('npm', [...args], {
    cwd,
    detached: !isWindows,
    shell: isWindows,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const words: NpmWords = { command: `npm ${args[0] ?? ''}`, lines: [] };
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      onOutput?.(line);
      if (words.lines.push(line) > LINES_KEPT) words.lines.shift();
    });
  }
  const stop = () => endGroup(npm);
  signal?.addEventListener('abort', stop);
  try {
    const [code] = (await once(npm, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (code !== 0) throw npmFault(words);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall?.startsWith('spawn') === true) throw npmFault(words, error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function endGroup(npm: ChildProcess): void {
  const { pid } = npm;
  if (pid === undefined) return;
  if (isWindows) {
    spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true }).on('error', () => npm.kill());
    return;
  }
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  send('SIGTERM');
  const insist = setTimeout(() => send('SIGKILL'), PATIENCE);
  npm.once('close', () => clearTimeout(insist));
}
