import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { notJsonAnswer } from './notJsonAnswer';
import { streamLines } from './streamLines';
import { toJson } from './toJson';

/** Runs one input through a runner. A caller that leaves fires the stages' signal. */
export function predictRoute(
  handle: RunnerHandle,
  onError: (error: unknown, request: FastifyRequest) => object,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    if (request.body === undefined) {
      const { status, body } = notJsonAnswer('nothing');
      return reply.code(status).send(body);
    }
    const options = { signal: whileConnected(reply), requestId: request.id };
    if (!handle.definition.stream) {
      const output = await handle.run(request.body, options);
      // Fastify would send a string as text and nothing for undefined.
      return reply.type('application/json; charset=utf-8').send(toJson(output, handle.definition));
    }
    const items = handle.stream(request.body, options);
    // A fault before the first item is an answer with a status of its own.
    const first = await items.next();
    const lines = streamLines(first, items, {
      toText: (item) => toJson(item, handle.definition),
      onError: (error) => onError(error, request),
    });
    return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(lines));
  };
}

function whileConnected({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('the client has left'));
  });
  return controller.signal;
}
