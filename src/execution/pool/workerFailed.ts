import { RunwrightError } from '../../errors/RunwrightError';

/** @param where for messages: which runner */
export function workerFailed(where: string, what: string, cause?: unknown): RunwrightError {
  const hint = 'Try again: another worker, or a new one, takes the next request';
  return new RunwrightError('RW_WORKER_FAILED', { where, what, hint, cause });
}
