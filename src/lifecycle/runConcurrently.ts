/**
 * Calls `work` for each item, at most `limit` at once; results in order. `work` must not reject.
 *
 * @param results filled in as the items are done
 */
export async function runConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
  results: R[] = [],
): Promise<R[]> {
  results.length = items.length;
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
