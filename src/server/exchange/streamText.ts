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
}

/**
 * A stream of outputs as text: an item for each, then `end` with their number.
 *
 * @throws what the stream breaks off with: an event for it is written where the caller is, who may have had an error of its own
 */
export async function* streamText(
  first: IteratorResult<unknown>,
  items: AsyncGenerator<unknown, void, undefined>,
  { write, toText }: StreamTextOptions,
): AsyncGenerator<string, void, undefined> {
  let count = 0;
  try {
    for (let next = first; !next.done; next = await items.next()) {
      yield write('item', toText(next.value));
      count += 1;
    }
  } finally {
    await items.return();
  }
  const end = write('end', JSON.stringify({ items: count }));
  if (end !== '') yield end;
}
