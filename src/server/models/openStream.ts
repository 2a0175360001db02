/**
 * A stream that tells when it has ended: when its last item was taken, it broke off, or whoever reads it left. It breaks off once at
 * most, whoever was first to say so: the runner, a deadline, or the end of its worker.
 *
 * A reader that never begins must leave by `return()`; a Readable that is destroyed does so.
 *
 * @param onError gives the item that stands for the error with which the stream breaks off
 */
export function openStream<T>(
  source: AsyncIterable<T>,
  onError: (error: unknown) => T,
): { body: AsyncIterable<T>; ended: Promise<void> } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const iterator = source[Symbol.asyncIterator]();
  let broken = false;
  const body: AsyncIterator<T, undefined> = {
    next: async () => {
      if (broken) return { done: true, value: undefined };
      try {
        const result = await iterator.next();
        if (!result.done) return result;
        end();
        return { done: true, value: undefined };
      } catch (error) {
        broken = true;
        end();
        return { done: false, value: onError(error) };
      }
    },
    return: async () => {
      try {
        // A generator that has not begun is ended by this too.
        await iterator.return?.();
        return { done: true, value: undefined };
      } finally {
        end();
      }
    },
  };
  return { body: { [Symbol.asyncIterator]: () => body }, ended };
}
