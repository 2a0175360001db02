import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cancellation } from '../../batching/Cancellation';
import { stoppedError } from '../../batching/stoppedError';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import type { ServedModel } from '../models/ServedModel';
import { atDeadline } from './atDeadline';
import type { OpenRequests } from './OpenRequests';
import { requestDeadline } from './requestDeadline';
import { whileTaken } from './whileTaken';

interface Exchange {
  readonly model: ServedModel;
  readonly requests: OpenRequests;
  /** Takes the body, once it is known that there is room for it. */
  readonly read: () => Promise<ExchangeRequest>;
}

/**
 * One request through a model: refused at once when the queue is full, else read, run and answered. A client that leaves
 * calls it off, and so does one that takes nothing of a stream for the model's `sendTimeout`. The deadline holds while the
 * body arrives too: then the connection ends with the answer.
 *
 * @throws RunwrightError RW_QUEUE_FULL (`retry-after` is set), RW_DEADLINE, RW_ABORTED, RW_HANDLE_STATE, RW_WORKER_FAILED,
 *   RequestError
 */
export async function exchangeOverHttp(
  { headers, id, raw }: FastifyRequest,
  reply: FastifyReply,
  { model, requests, read }: Exchange,
): Promise<ExchangeAnswer> {
  const deadline = requestDeadline(headers, model.timeout);
  try {
    const cancellation = requests.begin(reply.raw);
    // It may have left while a hook of the program was at work.
    if (cancellation.aborted) throw stoppedError(model.name, cancellation.reason);
    const arrived = model.expect();
    const giveUpBody = (): void => {
      reply.header('connection', 'close');
      // Node does not tell a request that has its answer that its body will not come.
      raw.socket.once('close', () => raw.destroy());
    };
    const reading = whileWanted(read(), { deadline, cancellation, where: model.name, giveUp: giveUpBody });
    const request = await reading.finally(arrived);
    const answer = await model.exchange(request, { cancellation, requestId: id, deadline });
    const { body } = answer;
    if (typeof body === 'string' || body instanceof Uint8Array) return answer;
    return { ...answer, body: whileTaken(body, model.sendTimeout, () => reply.raw.destroy()) };
  } catch (error) {
    if (RunwrightError.is(error) && error.code === 'RW_QUEUE_FULL')
      reply.header('retry-after', model.retryAfter);
    throw error;
  }
}

interface Wanted {
  /** By `performance.now()`. */
  readonly deadline: number | undefined;
  readonly cancellation: Cancellation;
  readonly where: string;
  readonly giveUp: () => void;
}

/** A body may be left without an end: by its client, or by us. */
function whileWanted<T>(reading: Promise<T>, { deadline, cancellation, where, giveUp }: Wanted): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      giveUp();
      reject(error);
    };
    const timer = atDeadline(deadline, refuse);
    const stopWatching = cancellation.onAbort(() => refuse(stoppedError(where, cancellation.reason)));
    const stop = (): void => {
      clearTimeout(timer);
      stopWatching();
    };
    reading.finally(stop).then(resolve, reject);
  });
}
