import { abortedError } from './abortedError';

/** `work`, or a rejection with RW_ABORTED as soon as the signal fires. The work itself goes on to its own end. */
export function raceAbort<T>(work: Promise<T>, signal: AbortSignal, where: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortedError(where, signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
