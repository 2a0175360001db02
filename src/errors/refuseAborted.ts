import { RunwrightError } from './RunwrightError';

/**
 * Ends work between two steps when its caller has called it off. Only for work that is all or nothing.
 *
 * @param where what was being worked on: a file, a reference
 * @throws RunwrightError RW_ABORTED with the signal's reason as `cause`
 */
export function refuseAborted(signal: AbortSignal | undefined, where: string): void {
  if (signal?.aborted !== true) return;
  throw new RunwrightError('RW_ABORTED', {
    where,
    what: 'the work was stopped before it was done',
    hint: 'Run it again: nothing was changed',
    cause: signal.reason,
  });
}
