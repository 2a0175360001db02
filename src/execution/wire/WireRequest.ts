import type { ExchangeRequest } from '../../server/exchange/ExchangeRequest';
import type { Message } from '../transport/Message';
import { KIND } from '../transport/Message';

/** The parts of an exchange that are not its body, in the order in which they are sent: an array is half of an object. */
type WireRequest = readonly [
  door: ExchangeRequest['door'],
  form: ExchangeRequest['form'],
  stream: ExchangeRequest['stream'],
  modelName: string,
  requestId: string,
  timeout: number | null,
  headerLength: number | null,
  modelVersion: string | null,
  files: ExchangeRequest['files'] | null,
];

export function toWireRequest(
  id: number,
  request: ExchangeRequest,
  requestId: string,
  timeout: number | undefined,
): Message {
  const { door, form, stream, modelName, modelVersion, headerLength, files, body } = request;
  const wire: WireRequest = [
    door,
    form,
    stream,
    modelName,
    requestId,
    timeout ?? null,
    headerLength ?? null,
    modelVersion ?? null,
    files ?? null,
  ];
  return {
    kind: KIND.exchange,
    id,
    meta: JSON.stringify(wire),
    body,
    alignAt: headerLength ?? (form === 'bytes' ? 0 : undefined),
    owned: true,
  };
}

export function fromWireRequest(
  meta: string,
  body: Uint8Array,
): { request: ExchangeRequest; requestId: string; timeout: number | undefined } {
  const [door, form, stream, modelName, requestId, timeout, headerLength, modelVersion, files] = JSON.parse(
    meta,
  ) as WireRequest;
  const request: ExchangeRequest = {
    door,
    form,
    body,
    stream,
    modelName,
    headerLength: headerLength ?? undefined,
    modelVersion: modelVersion ?? undefined,
    files: files ?? undefined,
  };
  return { request, requestId, timeout: timeout ?? undefined };
}
