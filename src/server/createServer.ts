import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { silentLogger } from '../lifecycle/silentLogger';
import type { ErrorBody } from './ErrorBody';
import { namedHandles } from './namedHandles';
import { predictRoute } from './predictRoute';
import type { ServerOptions } from './ServerOptions';
import { errorAnswer, type ErrorAnswer } from './ErrorAnswer';
import { toErrorAnswer } from './toErrorAnswer';

const DEFAULT_BODY_LIMIT = 10 * 1024 * 1024;

/**
 * An HTTP server for loaded runners, not yet listening: `POST /predict` (one runner), `POST /models/<name>/predict`,
 * `GET /healthz` (the process answers), `GET /readyz` (every runner takes input). Answers are JSON; a streaming runner
 * answers with JSON Lines. The handles stay the caller's to close, after `server.close()`.
 *
 * @throws RunwrightError RW_OPTION_INVALID (no handle, or two of one name)
 * @example
 * const server = await createServer(handle);
 * await server.listen({ port: 3000 });
 */
export async function createServer(
  handles: RunnerHandle | readonly RunnerHandle[],
  { bodyLimit = DEFAULT_BODY_LIMIT, logger = silentLogger }: ServerOptions = {},
): Promise<FastifyInstance> {
  const named = namedHandles(handles);
  const { default: fastify } = await import('fastify');
  const app: FastifyInstance = fastify({
    bodyLimit,
    genReqId: () => randomUUID(),
    requestIdHeader: 'x-request-id',
    // Closing is answered below, in the one form of errors.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => void send(reply, toErrorAnswer(error)),
  });
  app.removeContentTypeParser('text/plain');

  const answerOf = (error: unknown, request: FastifyRequest): ErrorAnswer => {
    const answer = toErrorAnswer(error);
    if (answer.hidden) logger.error(`request ${request.id} to ${request.url} failed`, error);
    return answer;
  };
  const onStreamError = (error: unknown, request: FastifyRequest): ErrorBody => answerOf(error, request).body;
  app.setErrorHandler((error, request, reply) => send(reply, answerOf(error, request)));

  refuseWhileClosing(app);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const models = [...named].map(([name, { state }]) => ({ name, state }));
    if (models.every(({ state }) => state === 'ready')) return { status: 'ready', models };
    const error = 'not every model is ready';
    return reply.code(503).send({ error, code: 'RW_HANDLE_STATE', issues: [], models });
  });
  const methods = new Map([
    ['/healthz', 'GET'],
    ['/readyz', 'GET'],
  ]);
  const routes = [...named].map(([name, handle]) => [`/models/${encodeURIComponent(name)}/predict`, handle]);
  const [only, ...others] = named.values();
  if (only && others.length === 0) routes.push(['/predict', only]);
  for (const [url, handle] of routes as [string, RunnerHandle][]) {
    app.post(url, predictRoute(handle, onStreamError));
    methods.set(url, 'POST');
  }

  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const allowed = methods.get(path);
    if (allowed === undefined) {
      const there = [...methods].map(([url, method]) => `${method} ${url}`).join(', ');
      return send(
        reply,
        errorAnswer(404, 'RW_REQUEST_INVALID', `there is no such route. There is ${there}.`),
      );
    }
    const what = `the route takes ${allowed} alone`;
    return send(reply.header('allow', allowed), errorAnswer(405, 'RW_REQUEST_INVALID', what));
  });
  return app;
}

/** Lets running work finish, takes no more, and keeps no connection open for more. */
function refuseWhileClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onRequest', (_request, reply, done) => {
    if (closing) send(reply, errorAnswer(503, 'RW_HANDLE_STATE', 'the server is stopping'));
    else done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    // For a stream, whose head was sent before.
    if (closing) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
}

function send(reply: FastifyReply, { status, body }: ErrorAnswer): FastifyReply {
  return reply.code(status).send(body);
}
