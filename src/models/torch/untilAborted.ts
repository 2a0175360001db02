import { RunwrightError } from '../../errors/RunwrightError';

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
  const aborted = () =>
    new RunwrightError('RW_ABORTED', {
      where,
      what: 'the run was called off by its caller',
      hint: 'Run it again',
      cause: signal.reason,
    });
  if (signal.aborted) throw aborted();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(aborted());
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
