/**
 * A stream that gives up on a reader which does not ask for the next item.
 *
 * @param patience milliseconds; 0 for no limit
 * @param giveUp called once at most; it has to end the reader, who then leaves the stream by `return()`
 */
export function whileTaken<T>(
  source: AsyncIterable<T>,
  patience: number,
  giveUp: () => void,
): AsyncIterable<T> {
  if (patience === 0) return source;
  const iterator = source[Symbol.asyncIterator]();
  let timer: NodeJS.Timeout | undefined;
  const body: AsyncIterator<T> = {
    next: async () => {
      clearTimeout(timer);
      const result = await iterator.next();
      if (!result.done) timer = setTimeout(giveUp, patience);
      return result;
    },
    return: () => {
      clearTimeout(timer);
      return iterator.return?.() ?? Promise.resolve({ done: true, value: undefined });
    },
  };
  return { [Symbol.asyncIterator]: () => body };
}
