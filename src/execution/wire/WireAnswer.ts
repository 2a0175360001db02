import type { ExchangeAnswer } from '../../server/exchange/ExchangeAnswer';
import type { Reply } from '../pool/WorkerCall';
import { KIND, type Message } from '../transport/Message';

/** The parts of an answer that are not its body: status, content type, length of the header, whether the body is text. */
type WireAnswer = readonly [status: number, contentType: string, headerLength: number | null, text: boolean];

/** Text up to this many bytes is given as a string, which HTTP sends together with its header. */
const SHORT_TEXT = 4096;

/** An answer as a message; a stream has no body, as its items follow. */
export function toWireAnswer(id: number, answer: ExchangeAnswer): Message {
  const { status, contentType, headerLength, body } = answer;
  const text = typeof body === 'string';
  const wire: WireAnswer = [status, contentType, headerLength ?? null, text];
  const whole = text || body instanceof Uint8Array || Array.isArray(body);
  return {
    kind: whole ? KIND.answer : KIND.opened,
    id,
    meta: JSON.stringify(wire),
    body: whole ? (body as string | Uint8Array | readonly Uint8Array[]) : undefined,
    alignAt: headerLength,
  };
}

export function fromWireAnswer({ meta, body, items }: Reply): ExchangeAnswer {
  const [status, contentType, headerLength, text] = JSON.parse(meta) as WireAnswer;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return {
    status,
    contentType,
    ...(headerLength !== null && { headerLength }),
    body: items ? textItems(items) : text && bytes.length <= SHORT_TEXT ? bytes.toString() : bytes,
  };
}

/** Not a generator: leaving one that was never asked for an item would not reach the worker. */
function textItems(items: AsyncIterableIterator<Uint8Array>): AsyncIterableIterator<string> {
  const toText = ({ done, value }: IteratorResult<Uint8Array, unknown>): IteratorResult<string> =>
    done === true
      ? { done: true, value: undefined }
      : { done: false, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString() };
  return {
    next: async () => toText(await items.next()),
    return: async () => toText((await items.return?.()) ?? { done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
