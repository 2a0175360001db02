import type { FastifyReply, FastifyRequest } from 'fastify';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import type { ServedModel } from '../models/ServedModel';
import { requestTimeout } from './requestTimeout';
import { whileConnected } from './whileConnected';

/**
 * One request through a model: refused at once when the queue is full, else read, run and answered. A client that leaves
 * calls it off.
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
  const cancellation = whileConnected(reply.raw);
  const timeout = requestTimeout(headers, model.timeout);
  try {
    model.refuseWhenFull();
    const request = await read();
    return await model.exchange(request, {
      cancellation,
      requestId: id,
      ...(timeout !== undefined && { timeout }),
    });
  } catch (error) {
    if (RunwrightError.is(error) && error.code === 'RW_QUEUE_FULL')
      reply.header('retry-after', model.retryAfter);
    throw error;
  }
}
