import type { StreamForm } from './StreamForm';

export const STREAM_TYPES: Readonly<Record<StreamForm, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  sse: 'text/event-stream; charset=utf-8',
};

export interface StreamTextOptions {
  readonly form: StreamForm;
  /** An item as JSON. */
  readonly toText: (item: unknown) => string;
  /** The body that stands for an error. */
  readonly onError: (error: unknown) => object;
}

type Write = (event: 'item' | 'end' | 'error', json: string) => string;

const WRITERS: Readonly<Record<StreamForm, Write>> = {
  ndjson: (event, json) => (event === 'error' ? `${json}\n` : `{"${event}":${json}}\n`),
  sse: (event, json) => `event: ${event}\ndata: ${json}\n\n`,
};

/**
 * A stream of outputs as text: an item for each, then `end` with their number, or `error` where it broke off. Without either
 * of the two the stream was cut.
 *
 * JSON Lines: `{"item": ...}`, `{"end": {"items": n}}`, and the body of an error as it is. Server-sent events: the same values
 * as the data of events `item`, `end` and `error`.
 */
export async function* streamText(
  first: IteratorResult<unknown>,
  items: AsyncGenerator<unknown, void, undefined>,
  { form, toText, onError }: StreamTextOptions,
): AsyncGenerator<string, void, undefined> {
  const write = WRITERS[form];
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
  yield write('end', JSON.stringify({ items: count }));
}
