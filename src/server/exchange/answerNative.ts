import type { CallOptions } from '../../lifecycle/CallOptions';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { ExchangeAnswer } from './ExchangeAnswer';
import type { ExchangeOptions } from './ExchangeHandle';
import type { ExchangeRequest } from './ExchangeRequest';
import { JSON_TYPE } from './JSON_TYPE';
import { parseNative } from './parseNative';
import { STREAM_TYPES, streamText } from './streamText';
import { streamWriter } from './streamWriter';
import { toJson } from './toJson';

const BYTES_TYPE = 'application/octet-stream';

/** Our own door: one input in, its output or its items out. */
export async function answerNative(
  handle: RunnerHandle,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<ExchangeAnswer> {
  const { definition } = handle;
  const input = parseNative(request, definition);
  const call: CallOptions = options;
  if (definition.stream) {
    const items = handle.stream(input, call);
    // A fault before the first item is an answer with a status of its own.
    const first = await items.next();
    const toText = (item: unknown): string => toJson(item, definition);
    const body = streamText(first, items, { write: streamWriter(request), toText });
    return { status: 200, contentType: STREAM_TYPES[request.stream], body };
  }
  const output = await handle.run(input, call);
  if (definition.output.kind === 'binary') {
    return { status: 200, contentType: BYTES_TYPE, body: output as Uint8Array };
  }
  return { status: 200, contentType: JSON_TYPE, body: toJson(output, definition) };
}
