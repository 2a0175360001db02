import type { FastifyReply, FastifyRequest } from 'fastify';
import { stoppedError } from '../../batching/stoppedError';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import type { ServedModel } from '../models/ServedModel';
import { atDeadline } from './atDeadline';
import { requestDeadline } from './requestDeadline';
import { whileTaken } from './whileTaken';
import { whileConnected } from './whileConnected';

/**
 * One request through a model: refused at once when the queue is full, else read, run and answered. A client that leaves
 * calls it off, and so does one that takes nothing of a stream for the model's `sendTimeout`. The deadline holds while the
 * body arrives too: then the connection ends with the answer.
 *
 * @param read takes the body, once it is known that there is room for it
 * @throws RunwrightError RW_QUEUE_FULL (`retry-after` is set), RW_DEADLINE, RW_ABORTED, RW_HANDLE_STATE, RW_WORKER_FAILED,
 *   RequestError
 */
export async function exchangeOverHttp(
  { headers, id, raw }: FastifyRequest,
  reply: FastifyReply,
  model: ServedModel,
  read: () => Promise<ExchangeRequest>,
): Promise<ExchangeAnswer> {
  const deadline = requestDeadline(headers, model.timeout);
  try {
    const cancellation = whileConnected(reply.raw);
    // It may have left while a hook of the program was at work.
    if (cancellation.aborted) throw stoppedError(model.name, cancellation.reason);
    const arrived = model.expect();
    // A client that leaves may leave its body without an end.
    cancellation.onAbort(arrived);
    const late = (): void => {
      reply.header('connection', 'close');
      // Node does not tell a request that has its answer that its body will not come.
      raw.socket.once('close', () => raw.destroy());
    };
    const request = await inTime(read(), deadline, late).finally(arrived);
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

function inTime<T>(reading: Promise<T>, deadline: number | undefined, late: () => void): Promise<T> {
  if (deadline === undefined) return reading;
  return new Promise((resolve, reject) => {
    const timer = atDeadline(deadline, (error) => {
      late();
      reject(error);
    });
    reading.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
