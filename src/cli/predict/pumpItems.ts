import type { RunnerHandle, RunOutcome } from '../../lifecycle/RunnerHandle';
import type { InputItem } from './InputItem';
import { runItems } from './runItems';

/** How many inputs are under way at once, where predict takes one at a time. */
const CONCURRENCY = 8;

/**
 * Runs items as they can be read and hands on their outcomes in order as soon as they are there, also while the next item
 * is still awaited. Reading waits for running, and running for `emit`.
 *
 * @param signal ends the work
 * @param stopReading called when an outcome cannot be handed on, as the next item may never come
 */
export async function pumpItems(
  handle: RunnerHandle,
  groups: AsyncIterable<readonly InputItem[]>,
  signal: AbortSignal,
  emit: (item: InputItem, outcome: RunOutcome<unknown>) => Promise<void>,
  stopReading: () => void,
): Promise<void> {
  const { batch } = handle.definition;
  const size = batch?.maxSize ?? 1;
  const window = batch ? 1 : CONCURRENCY;
  // Each promise of the queue is done when its items, and all before them, have been emitted.
  const queue: Promise<void>[] = [];
  let last: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  const start = (items: readonly InputItem[]): void => {
    const running = runItems(handle, items, signal);
    const previous = last;
    last = (async () => {
      const [outcomes] = await Promise.all([running, previous]);
      for (const [index, item] of items.entries()) {
        signal.throwIfAborted();
        await emit(item, outcomes[index] as RunOutcome<unknown>);
      }
    })();
    last.catch((error: unknown) => {
      failure ??= { error };
      stopReading();
    });
    queue.push(last);
  };

  try {
    for await (const group of groups) {
      for (let at = 0; at < group.length; at += size) {
        signal.throwIfAborted();
        start(group.slice(at, at + size));
        if (queue.length >= window) await queue.shift();
      }
    }
    await Promise.all(queue);
  } catch (error) {
    // Reading fails when it is stopped; the failure that stopped it is what matters.
    throw failure === undefined ? error : failure.error;
  }
  signal.throwIfAborted();
}
