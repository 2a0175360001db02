import { runCalledOff } from './runCalledOff';

/**
 * The promise, or RW_ABORTED as soon as the signal fires.
 *
 * @param where for messages: the model's file
 */
export async function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  where: string,
): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    // Nobody waits for it any more, and it may fail.
    promise.catch(() => undefined);
    throw runCalledOff(signal, where);
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(runCalledOff(signal, where));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
