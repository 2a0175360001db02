import type { ServerResponse } from 'node:http';
import { toExchangeAnswer } from '../exchange/ErrorAnswer';
import { RequestError } from '../exchange/RequestError';
import { toErrorAnswer } from '../exchange/toErrorAnswer';
import { writeAnswer } from './sendAnswer';

/** Answers a request with an `Expect` other than `100-continue`, in the one form of errors. */
export function answerUnmetExpectation(response: ServerResponse, requestId: string): void {
  const error = new RequestError(
    417,
    'the server does not do what `Expect` asks for',
    'Leave the header out, or send 100-continue',
  );
  writeAnswer(response, toExchangeAnswer(toErrorAnswer(error)), { last: true, requestId });
}
