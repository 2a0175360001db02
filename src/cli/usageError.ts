import { RunwrightError } from '../errors/RunwrightError';

/** An argument or a flag that cannot be used as it was written. */
export function usageError(where: string, what: string, hint: string, cause?: unknown): RunwrightError {
  return new RunwrightError('RW_USAGE', { where, what, hint, cause });
}
