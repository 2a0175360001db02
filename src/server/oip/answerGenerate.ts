import type { CallOptions } from '../../lifecycle/CallOptions';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { ErrorAnswer } from '../exchange/ErrorAnswer';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeOptions } from '../exchange/ExchangeHandle';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { JSON_TYPE } from '../exchange/JSON_TYPE';
import { RequestError } from '../exchange/RequestError';
import { STREAM_TYPES } from '../exchange/streamText';
import { generatedText } from './generatedText';
import { readGenerateInput } from './readGenerateInput';

/**
 * The protocol's `generate`, one JSON answer, and with `stream: 'sse'` its `generate_stream`: one event for each item, with no name
 * and no end of its own, and an error's body as the last where it broke off. A runner that does not stream has one item.
 *
 * @throws RunwrightError what the runner throws before its first item
 * @throws RequestError 400 for `generate` on a runner that streams
 */
export async function answerGenerate(
  handle: RunnerHandle,
  request: ExchangeRequest,
  options: ExchangeOptions,
  onError: (error: unknown) => ErrorAnswer,
): Promise<ExchangeAnswer> {
  const { definition } = handle;
  const wantsStream = request.stream === 'sse';
  if (definition.stream && !wantsStream) {
    throw new RequestError(400, 'the model answers with a stream', 'Use generate_stream');
  }
  const { input, id } = readGenerateInput(request.body, definition);
  const toText = (output: unknown): string => generatedText(output, request, id, definition);
  const call: CallOptions = options;
  if (!definition.stream) {
    const text = toText(await handle.run(input, call));
    return wantsStream
      ? { status: 200, contentType: STREAM_TYPES.sse, body: event(text) }
      : { status: 200, contentType: JSON_TYPE, body: text };
  }
  const items = handle.stream(input, call);
  // A fault before the first item is an answer with a status of its own.
  const first = await items.next();
  const body = events(first, items, toText, (error) => JSON.stringify(onError(error).body));
  return { status: 200, contentType: STREAM_TYPES.sse, body };
}

async function* events(
  first: IteratorResult<unknown>,
  items: AsyncGenerator<unknown, void, undefined>,
  toText: (item: unknown) => string,
  toErrorText: (error: unknown) => string,
): AsyncGenerator<string, void, undefined> {
  try {
    for (let next = first; !next.done; next = await items.next()) yield event(toText(next.value));
  } catch (error) {
    yield event(toErrorText(error));
  } finally {
    await items.return();
  }
}

function event(json: string): string {
  return `data: ${json}\n\n`;
}
