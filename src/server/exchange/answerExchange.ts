import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { Logger } from '../../metadata/contexts';
import { answerGenerate } from '../oip/answerGenerate';
import { answerInfer } from '../oip/answerInfer';
import { answerNative } from './answerNative';
import type { ErrorAnswer } from './ErrorAnswer';
import type { ExchangeAnswer } from './ExchangeAnswer';
import type { ExchangeOptions } from './ExchangeHandle';
import type { ExchangeRequest } from './ExchangeRequest';
import { JSON_TYPE } from './JSON_TYPE';
import { toErrorAnswer } from './toErrorAnswer';

const DOORS = { native: answerNative, infer: answerInfer, generate: answerGenerate };

/**
 * Parses a request, runs it, and serialises the answer: all the work on its bytes, in the process where the runner is.
 * Never rejects: a failure is an answer, and what callers are not told goes to the logger.
 */
export async function answerExchange(
  handle: RunnerHandle,
  request: ExchangeRequest,
  options: ExchangeOptions,
  logger: Logger,
): Promise<ExchangeAnswer> {
  const onError = (error: unknown): ErrorAnswer => {
    const answer = toErrorAnswer(error);
    if (answer.hidden) logger.error(`request ${options.requestId} to ${request.modelName} failed`, error);
    return answer;
  };
  try {
    return await DOORS[request.door](handle, request, options, onError);
  } catch (error) {
    return toExchangeAnswer(onError(error));
  }
}

export function toExchangeAnswer({ status, body }: ErrorAnswer): ExchangeAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}
