import type { IncomingMessage, ServerResponse } from 'node:http';
import { toExchangeAnswer } from '../exchange/ErrorAnswer';
import { RequestError } from '../exchange/RequestError';
import { toErrorAnswer } from '../exchange/toErrorAnswer';
import { REQUEST_ID } from './requestIds';
import { writeAnswer } from './sendAnswer';

const REFUSALS = {
  /** An `Expect` other than `100-continue`. */
  unmetExpectation: new RequestError(
    417,
    'the server does not do what `Expect` asks for',
    'Leave the header out, or send 100-continue',
  ),
  noHost: new RequestError(400, 'the request has no `Host` header', 'HTTP/1.1 wants one: send it'),
} as const;

/** Answers a request by its head alone, in the one form of errors, and ends the connection. */
export function refuseUnread(
  { headers }: IncomingMessage,
  response: ServerResponse,
  reason: keyof typeof REFUSALS,
  nextId: () => string,
): void {
  const requestId = (headers[REQUEST_ID] as string | undefined) || nextId();
  writeAnswer(response, toExchangeAnswer(toErrorAnswer(REFUSALS[reason])), { last: true, requestId });
}
