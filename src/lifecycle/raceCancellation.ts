import type { Cancellation } from '../batching/Cancellation';
import { stoppedError } from '../batching/stoppedError';

/** `work`, or a rejection with RW_ABORTED or RW_DEADLINE as soon as nobody waits for it. The work itself goes on to its own end. */
export function raceCancellation<T>(work: Promise<T>, cancellation: Cancellation, where: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = cancellation.onAbort(() => reject(stoppedError(where, cancellation.reason)));
    work.then(resolve, reject);
    void work.then(stop, stop);
  });
}
