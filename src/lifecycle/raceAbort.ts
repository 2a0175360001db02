import { abortedError } from './abortedError';
import { onAbort } from './onAbort';

/** `work`, or a rejection with RW_ABORTED as soon as the signal fires. The work itself goes on to its own end. */
export function raceAbort<T>(work: Promise<T>, signal: AbortSignal, where: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(abortedError(where, signal)));
    work.then(resolve, reject).finally(stop);
  });
}
