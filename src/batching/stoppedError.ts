import { RunwrightError } from '../errors/RunwrightError';

/**
 * What a caller gets whose call was stopped: RW_DEADLINE when that is the reason, otherwise RW_ABORTED with the reason as
 * `cause`.
 */
export function stoppedError(where: string, reason: unknown): RunwrightError {
  if (RunwrightError.is(reason) && reason.code === 'RW_DEADLINE') return reason;
  return new RunwrightError('RW_ABORTED', {
    where,
    what: 'the caller’s signal fired before there was an answer',
    hint: 'Call again, with more time if a time-out was the reason',
    cause: reason,
  });
}
