import type { FastifyReply, FastifyRequest } from 'fastify';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import type { ServedModel } from '../models/ServedModel';
import { requestDeadline } from './requestDeadline';
import { whileTaken } from './whileTaken';
import { whileConnected } from './whileConnected';

/**
 * One request through a model: refused at once when the queue is full, else read, run and answered. A client that leaves
 * calls it off, and so does one that takes nothing of a stream for the model's `sendTimeout`.
 *
 * @param read takes the body, once it is known that there is room for it
 * @throws RunwrightError RW_QUEUE_FULL (`retry-after` is set), RW_DEADLINE, RW_ABORTED, RW_HANDLE_STATE, RW_WORKER_FAILED,
 *   RequestError
 */
export async function exchangeOverHttp(
  { headers, id }: FastifyRequest,
  reply: FastifyReply,
  model: ServedModel,
  read: () => Promise<ExchangeRequest>,
): Promise<ExchangeAnswer> {
  const deadline = requestDeadline(headers, model.timeout);
  try {
    const arrived = model.expect();
    const cancellation = whileConnected(reply.raw);
    // A client that leaves may leave its body without an end.
    cancellation.onAbort(arrived);
    const request = await read().finally(arrived);
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
