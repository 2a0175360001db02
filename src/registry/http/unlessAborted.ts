import { aborted } from './aborted';

/**
 * Settles as the promise does, or rejects with RW_ABORTED at once when the signal fires. The work behind the promise goes on:
 * others may wait for it too.
 *
 * @param where for messages: the reference or the registry
 */
export async function unlessAborted<T>(
  promise: Promise<T>,
  where: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  let stop = (): void => undefined;
  const fired = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(where, signal));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, fired]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
