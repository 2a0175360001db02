import type { StreamForm } from './StreamForm';
import type { StreamWriter } from './streamWriter';

export const STREAM_TYPES: Readonly<Record<StreamForm, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  sse: 'text/event-stream; charset=utf-8',
};

export interface StreamTextOptions {
  readonly write: StreamWriter;
  /** An item as JSON. */
  readonly toText: (item: unknown) => string;
  /** The body that stands for an error. */
  readonly onError: (error: unknown) => object;
}

/**
 * A stream of outputs as text: an item for each, then `end` with their number, or `error` where it broke off. Without either
 * of the two the stream was cut.
 */
export async function* streamText(
  first: IteratorResult<unknown>,
  items: AsyncGenerator<unknown, void, undefined>,
  { write, toText, onError }: StreamTextOptions,
): AsyncGenerator<string, void, undefined> {
  let count = 0;
  try {
    for (let next = first; !next.done; next = await items.next()) {
      yield write('item', toText(next.value));
      count += 1;
    }
  } catch (error) {
    yield write('error', JSON.stringify(onError(error)));
    return;
  } finally {
    await items.return();
  }
  const end = write('end', JSON.stringify({ items: count }));
  if (end !== '') yield end;
}
