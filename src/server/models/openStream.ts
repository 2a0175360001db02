/**
 * A stream that tells when it has ended: when its last item was taken, it broke off, or whoever reads it left.
 *
 * A reader that never begins must leave by `return()`; a Readable that is destroyed does so.
 */
export function openStream<T>(source: AsyncIterable<T>): { body: AsyncIterable<T>; ended: Promise<void> } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const iterator = source[Symbol.asyncIterator]();
  const finish = async <R>(work: Promise<R>): Promise<R> => {
    try {
      return await work;
    } finally {
      end();
    }
  };
  const body: AsyncIterator<T> = {
    next: async () => {
      const result = await iterator.next().catch((error: unknown) => {
        end();
        throw error;
      });
      if (result.done) end();
      return result;
    },
    // A generator that has not begun is ended by this too.
    return: () => finish(iterator.return?.() ?? Promise.resolve({ done: true, value: undefined })),
  };
  return { body: { [Symbol.asyncIterator]: () => body }, ended };
}
