import { RunwrightError } from '../errors/RunwrightError';

/** What a caller gets whose signal has fired; `cause` is the signal's reason. */
export function abortedError(where: string, signal: AbortSignal): RunwrightError {
  return new RunwrightError('RW_ABORTED', {
    where,
    what: 'the caller’s signal fired before there was an answer',
    hint: 'Call again, with more time if a time-out was the reason',
    cause: signal.reason,
  });
}
