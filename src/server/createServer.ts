import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import { silentLogger } from '../lifecycle/silentLogger';
import { answerClientError } from './answerClientError';
import { Connections } from './Connections';
import type { ErrorBody } from './ErrorBody';
import { namedHandles } from './namedHandles';
import { predictRoute } from './predictRoute';
import type { ServerOptions } from './ServerOptions';
import { errorAnswer, type ErrorAnswer } from './ErrorAnswer';
import { toErrorAnswer } from './toErrorAnswer';

const DEFAULT_BODY_LIMIT = 10 * 1024 * 1024;
const DEFAULT_REQUEST_TIMEOUT = 120_000;
const LONGEST_HEAD_TIMEOUT = 60_000;
/** How often node looks for requests that are late. */
const LONGEST_CHECK_INTERVAL = 5_000;
/** Milliseconds in which a client that is sending its next request can still be answered. */
const GRACE = 100;

/**
 * An HTTP server for loaded runners, not yet listening: `POST /predict` (one runner), `POST /models/<name>/predict`,
 * `GET /healthz` (the process answers), `GET /readyz` (every runner takes input). Answers are JSON; a streaming runner
 * answers with JSON Lines. `server.close()` finishes what runs, answers what still arrives, and ends every connection; the
 * handles stay the caller's to close after it.
 *
 * @throws RunwrightError RW_OPTION_INVALID (no handle, or two of one name)
 * @example
 * const server = await createServer(handle);
 * await server.listen({ port: 3000 });
 */
export async function createServer(
  handles: RunnerHandle | readonly RunnerHandle[],
  {
    bodyLimit = DEFAULT_BODY_LIMIT,
    requestTimeout = DEFAULT_REQUEST_TIMEOUT,
    connectionTimeout = 0,
    closeTimeout,
    logger = silentLogger,
  }: ServerOptions = {},
): Promise<FastifyInstance> {
  const named = namedHandles(handles);
  const { default: fastify } = await import('fastify');
  const connections = new Connections();
  const app: FastifyInstance = fastify({
    bodyLimit,
    // Called once for each address: `localhost` has two.
    serverFactory: (handler) => {
      const server = createHttpServer(
        {
          requestTimeout,
          headersTimeout: Math.min(requestTimeout || LONGEST_HEAD_TIMEOUT, LONGEST_HEAD_TIMEOUT),
          connectionsCheckingInterval: Math.min(
            requestTimeout || LONGEST_CHECK_INTERVAL,
            LONGEST_CHECK_INTERVAL,
          ),
        },
        handler,
      );
      server.setTimeout(connectionTimeout);
      server.on('clientError', (error, socket) => {
        if (connections.isAnswering(socket as Socket)) socket.destroy();
        else answerClientError(error, socket as Socket);
      });
      connections.watch(server);
      return server;
    },
    // Done above, for every address.
    clientErrorHandler: () => undefined,
    // The schema's own guard refuses these keys, and names them; as JSON.parse gives them they are harmless.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    genReqId: () => randomUUID(),
    requestIdHeader: 'x-request-id',
    // What arrives while the server closes is answered; see below.
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

  closeGently(app, connections, closeTimeout);
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

/**
 * A client may be sending its next request while the server begins to close. So for a while each is answered, and told by
 * its answer that the connection ends; only then are unused connections ended.
 */
function closeGently(app: FastifyInstance, connections: Connections, closeTimeout?: number): void {
  app.addHook('preClose', (done) => {
    if (!app.server.listening) return done();
    if (closeTimeout !== undefined) setTimeout(() => connections.cut(), closeTimeout).unref();
    setTimeout(() => {
      // Connections that were made last have not had their time yet.
      setTimeout(() => connections.endUnowed(), GRACE);
      done();
    }, GRACE);
  });
}

function send(reply: FastifyReply, { status, body }: ErrorAnswer): FastifyReply {
  return reply.code(status).send(body);
}
