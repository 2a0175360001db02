import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from '../exchange/RequestError';
import { readBody } from './readBody';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads its body itself: of any type, into memory that tensors can be laid over, or to disk. */
    readonly readsBody?: boolean;
  }
}

/** Lets routes of ours take their bodies as they come, while routes of the program get JSON parsed as ever. */
export function leaveBodiesUnread(app: FastifyInstance, limit: number): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, _payload, done) => {
    // That there is no such route is what such a request has to be told.
    if (request.is404 || request.routeOptions.config.readsBody === true) return done(null);
    if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
      return done(
        new RequestError(415, 'the body is not JSON', 'Send it with Content-Type: application/json'),
      );
    }
    readBody(request.raw, { limit }).then((body) => parseJson(request, body.toString(), done), done);
  });
}
