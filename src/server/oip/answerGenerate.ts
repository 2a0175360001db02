import type { CallOptions } from '../../lifecycle/CallOptions';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeOptions } from '../exchange/ExchangeHandle';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { JSON_TYPE } from '../exchange/JSON_TYPE';
import { RequestError } from '../exchange/RequestError';
import { STREAM_TYPES, streamText } from '../exchange/streamText';
import { streamWriter } from '../exchange/streamWriter';
import { generatedText } from './generatedText';
import { readGenerateInput } from './readGenerateInput';

/**
 * The protocol's `generate`, one JSON answer, and with `stream: 'sse'` its `generate_stream`: one event for each item, with no name,
 * and an error's body as the last where it broke off. A runner that does not stream has one item.
 *
 * @throws RunwrightError what the runner throws before its first item
 * @throws RequestError 400 for `generate` on a runner that streams
 */
export async function answerGenerate(
  handle: RunnerHandle,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<ExchangeAnswer> {
  const { definition } = handle;
  const wantsStream = request.stream === 'sse';
  if (definition.stream && !wantsStream) {
    throw new RequestError(400, 'the model answers with a stream', 'Use generate_stream');
  }
  const { input, id } = readGenerateInput(request.body, definition);
  const toText = (output: unknown): string => generatedText(output, request, id, definition);
  const write = streamWriter(request);
  const call: CallOptions = options;
  if (!definition.stream) {
    const text = toText(await handle.run(input, call));
    return wantsStream
      ? { status: 200, contentType: STREAM_TYPES.sse, body: write('item', text) }
      : { status: 200, contentType: JSON_TYPE, body: text };
  }
  const items = handle.stream(input, call);
  // A fault before the first item is an answer with a status of its own.
  const first = await items.next();
  const body = streamText(first, items, { write, toText });
  return { status: 200, contentType: STREAM_TYPES.sse, body };
}
