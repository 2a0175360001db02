import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads its body itself: of any type, into memory that tensors can be laid over, or to disk. */
    readonly readsBody?: boolean;
  }
}

/** The headers of a request that has no body. */
const NO_BODY = { 'content-type': undefined, 'content-length': undefined, 'transfer-encoding': undefined };

/**
 * Lets routes of ours take their bodies as they come, whatever parsers the program adds; its own routes are Fastify's as
 * ever. Fastify has no such switch for a route: it is shown headers without a body while it would parse.
 */
export function leaveBodiesUnread(app: FastifyInstance): void {
  const headersOf = new WeakMap<FastifyRequest, IncomingHttpHeaders>();
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers } = request;
    // Where there is no such route, a body of any kind is told that.
    if ((request.is404 || request.routeOptions.config.readsBody === true) && !isForm(headers)) {
      headersOf.set(request, headers);
      request.headers = { ...headers, ...NO_BODY };
    }
    done(null, payload);
  });
  app.addHook('preValidation', (request, _reply, done) => {
    const headers = headersOf.get(request);
    if (headers !== undefined) request.headers = headers;
    done();
  });
}

/** Its parser, which is @fastify/multipart's, reads nothing, and marks the request as one with parts. */
function isForm({ 'content-type': type = '' }: IncomingHttpHeaders): boolean {
  return /^\s*multipart\/form-data\s*(?:;|$)/i.test(type);
}
