import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { SocketChannel } from '../transport/SocketChannel';
import type { UnitOptions, WorkerUnit } from './WorkerUnit';

/** How the native libraries that models use are told how many threads to start. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
];

/**
 * A worker in a process of its own. File descriptor 3 is its end of the channel, and its own stdin is empty.
 *
 * @throws Error when nothing could be started
 */
export function startProcess({ program, threads, workerStdout }: UnitOptions): WorkerUnit {
  const limits = Object.fromEntries(THREAD_VARIABLES.map((name) => [name, String(threads)]));
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', workerStdout === 'stderr' ? 2 : 'inherit', 'inherit', 'pipe'],
    env: { ...limits, ...process.env },
    windowsHide: true,
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  // Node leaves them out when it has no file descriptors for them; its own error comes later, and is heard above.
  const stdio = child.stdio as typeof child.stdio | undefined;
  if (stdio === undefined)
    throw new Error('too many files are open here (EMFILE) or on the machine (ENFILE)');
  const channel = new SocketChannel(stdio[3] as Socket);
  child.unref();
  return { pid: child.pid, channel, ended, killable: true, kill: () => void child.kill('SIGKILL') };
}
