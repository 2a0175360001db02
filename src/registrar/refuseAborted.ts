import { RunwrightError } from '../errors/RunwrightError';

/** Ends a registration between two steps when its caller has left. @throws RunwrightError RW_ABORTED */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new RunwrightError('RW_ABORTED', {
    where: 'registration',
    what: 'it was stopped, and nothing was published',
    hint: 'Run it again',
    cause: signal.reason,
  });
}
