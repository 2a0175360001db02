import { join } from 'node:path';
import type { ErrorCode } from '../errors/errorCodes';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import type { ManifestRunner } from '../packer/manifest/RunnerManifest';
import { packageRoot } from '../artifact/packageRoot';
import type { RunnerWanted } from './findRunnerExport';

export interface CheckRequest {
  readonly codeFile: string;
  readonly wanted: RunnerWanted;
  readonly entry: string;
}

export type CheckAnswer =
  | { readonly ok: true; readonly runner: ManifestRunner }
  | {
      readonly ok: false;
      readonly code: ErrorCode | undefined;
      readonly what: string;
      readonly where: string | undefined;
      readonly hint: string;
    };

const TIMEOUT_MS = 30_000;
const TAIL_CHARACTERS = 2_000;

/**
 * Loads packed code once in a child process, as the host that will load the package would, and gives what a scan finds
 * there. What the code prints is dropped unless the check fails.
 *
 * @throws RunwrightError RW_PACKAGE_CHECK_FAILED, or the child's own error
 */
export async function checkPackage(request: CheckRequest, signal?: AbortSignal): Promise<ManifestRunner> {
  const { fork } = await import('node:child_process');
  const child = fork(join(packageRoot().path, 'dist/registrar/checkMain.js'), [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-TAIL_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, TIMEOUT_MS);
  const onAbort = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await new Promise<CheckAnswer | string>((resolve) => {
      child.once('message', (message) => resolve(message as CheckAnswer));
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, killedBy) => {
        const ended = `it ended with ${killedBy ?? `exit code ${code}`}`;
        resolve(timedOut ? `it gave no answer in ${TIMEOUT_MS / 1000} s` : ended);
      });
      child.send(request, () => undefined);
    });
    return judge(answer, request.entry, printed, signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

function judge(
  answer: CheckAnswer | string,
  entry: string,
  printed: string,
  signal: AbortSignal | undefined,
): ManifestRunner {
  refuseAborted(signal, entry);
  if (typeof answer === 'string') {
    throw new RunwrightError('RW_PACKAGE_CHECK_FAILED', {
      where: entry,
      what: `the packed code could not be loaded in a process of its own: ${answer}${printed === '' ? '' : `; it printed: ${printed.trim()}`}`,
      hint: 'An entry only defines classes when it is imported: move everything else into functions',
    });
  }
  if (answer.ok) return answer.runner;
  const { code = 'RW_PACKAGE_CHECK_FAILED', what, where = entry, hint } = answer;
  throw new RunwrightError(code, { where, what, hint });
}
