import { bufferOf } from '../../artifact/bufferOf';
import type { ExchangeAnswer } from '../../server/exchange/ExchangeAnswer';
import type { Reply } from '../pool/WorkerCall';
import { KIND, type Message } from '../transport/Message';
import { fromWireError, toWireError, type WireError } from './WireError';

/** The parts of an answer that are not its body; `text` says whether that is text. */
type WireAnswer = readonly [
  status: number,
  contentType: string,
  headerLength: number | null,
  text: boolean,
  failure?: WireError,
];

/** Text up to this many bytes is given as a string, which HTTP sends together with its header. */
const SHORT_TEXT = 4096;

/** An answer as a message; a stream has no body, as its items follow. */
export function toWireAnswer(id: number, answer: ExchangeAnswer): Message {
  const { status, contentType, headerLength, body, failure } = answer;
  const text = typeof body === 'string';
  const facts = [status, contentType, headerLength ?? null, text] as const;
  const wire: WireAnswer = failure === undefined ? facts : [...facts, toWireError(failure)];
  const whole = text || body instanceof Uint8Array;
  return {
    kind: whole ? KIND.answer : KIND.opened,
    id,
    meta: JSON.stringify(wire),
    body: whole ? body : undefined,
    // Of tensors, which `encodeInfer` has copied; other bytes may be the runner's own.
    owned: headerLength !== undefined,
  };
}

export function fromWireAnswer({ meta, body, items }: Reply): ExchangeAnswer {
  const [status, contentType, headerLength, text, failure] = JSON.parse(meta) as WireAnswer;
  const bytes = bufferOf(body);
  return {
    status,
    contentType,
    headerLength: headerLength ?? undefined,
    failure: failure && fromWireError(failure),
    body: items ? textItems(items) : text && bytes.length <= SHORT_TEXT ? bytes.toString() : bytes,
  };
}

/** Not a generator: leaving one that was never asked for an item would not reach the worker. */
function textItems(items: AsyncIterableIterator<Uint8Array>): AsyncIterableIterator<string> {
  const toText = ({ done, value }: IteratorResult<Uint8Array, unknown>): IteratorResult<string> =>
    done === true ? { done: true, value: undefined } : { done: false, value: bufferOf(value).toString() };
  return {
    next: async () => toText(await items.next()),
    return: async () => toText((await items.return?.()) ?? { done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
