import { onAbort } from './onAbort';
import { runConcurrently } from './runConcurrently';

/**
 * Calls `work` for each item, at most `limit` at once. The first failure calls off the others, and is thrown when nothing is at
 * work any more.
 *
 * @param signal calls everything off
 * @param work gets a signal that fires with `signal`, and when another item has failed
 */
export async function runAll<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const stopWatching = signal && onAbort(signal, () => over.abort(signal.reason));
  let failure: { readonly error: unknown } | undefined;
  const runOne = async (item: T): Promise<void> => {
    if (over.signal.aborted) return;
    try {
      await work(item, over.signal);
    } catch (error) {
      // What it calls off fails too.
      failure ??= { error };
      over.abort();
    }
  };
  await runConcurrently(items, limit, runOne);
  stopWatching?.();
  if (failure !== undefined) throw failure.error;
}
