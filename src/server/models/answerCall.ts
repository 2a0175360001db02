import type { Cancellation } from '../../batching/Cancellation';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import { WorkCount } from '../../lifecycle/WorkCount';
import type { Logger } from '../../metadata/contexts';
import { answerExchange } from '../answerExchange';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import { isExchangeHandle } from '../exchange/ExchangeHandle';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { reportError } from '../exchange/reportError';
import { streamWriter } from '../exchange/streamWriter';
import { openStream } from './openStream';

/** A request that is inside a model. */
export interface ServedCall {
  readonly request: ExchangeRequest;
  readonly requestId: string;
  /** When its time is over, by `performance.now()`. */
  readonly deadline: number | undefined;
  /** Gives a streamed answer to the caller, while the call goes on until the stream has ended. */
  readonly deliver: (answer: ExchangeAnswer) => void;
}

interface CallContext {
  /** Fires when nobody waits for the answer any more. */
  readonly cancellation: Cancellation;
  /** Of the model. */
  readonly name: string;
  readonly logger: Logger;
}

/**
 * One request through the runner, wherever that is. Resolves when the runner's work has ended: that of a stream with its last
 * item, that of a caller who has left when the runner gives up.
 */
export async function answerCall(
  handle: RunnerHandle,
  call: ServedCall,
  { cancellation, name, logger }: CallContext,
): Promise<ExchangeAnswer> {
  const { request, requestId, deadline } = call;
  const timeout = deadline === undefined ? undefined : Math.max(deadline - performance.now(), 1);
  const failed = (): string => `request ${requestId} to ${name} failed`;
  const work = new WorkCount();
  const answer = isExchangeHandle(handle)
    ? await handle.exchange(request, { cancellation, requestId, timeout })
    : await answerExchange(handle, request, { cancellation, requestId, timeout, tracker: work }, undefined);
  if (answer.failure !== undefined) logger.error(failed(), answer.failure);
  if (isStream(answer.body)) {
    const { body, ended } = openStream(answer.body, (error) => {
      const { body: told } = reportError(error, failed(), logger);
      return streamWriter(request)('error', JSON.stringify(told));
    });
    call.deliver({ ...answer, body });
    await ended;
  }
  // The queue answers late callers itself: what counts here is that the runner has ended.
  const working = work.untilIdle();
  if (working !== undefined) await working;
  return answer;
}

function isStream(body: ExchangeAnswer['body']): body is AsyncIterable<string> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}
