import type { ExchangeRequest } from './ExchangeRequest';
import type { StreamForm } from './StreamForm';

/** One event of a streamed answer as text; empty where the form has no such event. */
export type StreamWriter = (event: 'item' | 'end' | 'error', json: string) => string;

const NATIVE: Readonly<Record<StreamForm, StreamWriter>> = {
  ndjson: (event, json) => (event === 'error' ? `${json}\n` : `{"${event}":${json}}\n`),
  sse: (event, json) => `event: ${event}\ndata: ${json}\n\n`,
};

/**
 * How the door of a request writes its streams.
 *
 * - ours as JSON Lines: `{"item": ...}`, `{"end": {"items": n}}`, and the body of an error as it is
 * - ours as server-sent events: the same values as the data of events `item`, `end` and `error`
 * - `generate_stream`: items and errors as the data of events without a name, and no end: the protocol has none, and its clients take
 *   every event for an item
 */
export function streamWriter({ door, stream }: Pick<ExchangeRequest, 'door' | 'stream'>): StreamWriter {
  return door === 'native' ? NATIVE[stream] : writeData;
}

function writeData(event: 'item' | 'end' | 'error', json: string): string {
  return event === 'end' ? '' : `data: ${json}\n\n`;
}
