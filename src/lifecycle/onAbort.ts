const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `callback` when the signal fires, at once when it has fired already. One listener serves all callbacks of a signal:
 * a program may share one signal between hundreds of calls, and Node warns of more than ten listeners.
 *
 * @returns takes the callback back
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  const waiting = callbacks.get(signal) ?? listen(signal);
  // A new function each time: the same callback may wait twice.
  const entry = (): void => callback();
  waiting.add(entry);
  return () => void waiting.delete(entry);
}

function listen(signal: AbortSignal): Set<() => void> {
  const waiting = new Set<() => void>();
  callbacks.set(signal, waiting);
  signal.addEventListener('abort', () => waiting.forEach((callback) => callback()), { once: true });
  return waiting;
}
