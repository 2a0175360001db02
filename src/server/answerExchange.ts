import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { Logger } from '../metadata/contexts';
import { answerNative } from './exchange/answerNative';
import { toExchangeAnswer } from './exchange/ErrorAnswer';
import type { ExchangeAnswer } from './exchange/ExchangeAnswer';
import type { ExchangeOptions } from './exchange/ExchangeHandle';
import type { ExchangeRequest } from './exchange/ExchangeRequest';
import { reportError } from './exchange/reportError';
import { toErrorAnswer } from './exchange/toErrorAnswer';
import { answerGenerate } from './oip/answerGenerate';
import { answerInfer } from './oip/answerInfer';

const DOORS = { native: answerNative, infer: answerInfer, generate: answerGenerate };

/**
 * Parses a request, runs it, and serialises the answer: all the work on its bytes, in the process where the runner is.
 * Never rejects: a failure is an answer, and what callers are not told goes to the logger. A stream breaks off with its failure.
 *
 * @param logger without one, such a failure is in the answer (`failure`)
 */
export async function answerExchange(
  handle: RunnerHandle,
  request: ExchangeRequest,
  options: ExchangeOptions,
  logger: Logger | undefined,
): Promise<ExchangeAnswer> {
  try {
    return await DOORS[request.door](handle, request, options);
  } catch (error) {
    const answer = logger
      ? reportError(error, `request ${options.requestId} to ${request.modelName} failed`, logger)
      : toErrorAnswer(error);
    const told = toExchangeAnswer(answer);
    return answer.hidden && !logger ? { ...told, failure: error } : told;
  }
}
