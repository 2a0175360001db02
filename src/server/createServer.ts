import { createServer as createHttpServer } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { guardLogger } from '../lifecycle/guardLogger';
import { silentLogger } from '../lifecycle/silentLogger';
import { toExchangeAnswer } from './exchange/ErrorAnswer';
import { reportError } from './exchange/reportError';
import { closeGently } from './http/closeGently';
import { Connections } from './http/Connections';
import { continueLate } from './http/continueLate';
import { fastifyFault } from './http/fastifyFault';
import { checkServerOptions } from './checkServerOptions';
import { Gate } from './http/Gate';
import { HotPath } from './http/HotPath';
import { OpenRequests } from './http/OpenRequests';
import { answerLostRequests } from './http/answerLostRequests';
import { leaveBodiesUnread } from './http/leaveBodiesUnread';
import { refuseBrokenRequests } from './http/refuseBrokenRequests';
import { refuseUnread } from './http/refuseUnread';
import { REQUEST_ID, requestIds } from './http/requestIds';
import { sendAnswer } from './http/sendAnswer';
import { servedModels, type Served } from './models/servedModels';
import { registerNativeRoutes } from './native/registerNativeRoutes';
import { UploadFolder } from './native/UploadFolder';
import { registerHealthRoutes } from './native/registerHealthRoutes';
import { registerOipRoutes } from './oip/registerOipRoutes';
import { RepositoryControl } from './oip/RepositoryControl';
import type { ServerOptions } from './ServerOptions';

const DEFAULT_BODY_LIMIT = 10 * 1024 * 1024;
const DEFAULT_FILE_LIMIT = 100 * 1024 * 1024;
const DEFAULT_QUEUE = 1024;
const DEFAULT_REQUEST_TIMEOUT = 120_000;
const DEFAULT_SEND_TIMEOUT = 60_000;
const KEEP_ALIVE_TIMEOUT = 72_000;
const LONGEST_HEAD_TIMEOUT = 60_000;
/** No URL is longer: a model has whatever name it has. */
const LONGEST_NAME = 16 * 1024;
/** How often node looks for requests that are late. */
const LONGEST_CHECK_INTERVAL = 5_000;

/**
 * An HTTP server for loaded runners, not yet listening. It has these doors:
 *
 * - `POST /models/<name>/predict`, `POST /models/<name>/versions/<n>/predict`, and `POST /predict` while there is one model:
 *   JSON, a form where there are file fields, or bytes where the runner takes bytes
 * - `/v2/...`: the Open Inference Protocol, for runners whose fields tensors can carry
 * - `GET /healthz` (the process answers), `GET /readyz` (every runner takes input)
 *
 * What arrives waits in one bounded queue a model. `server.close()` finishes what runs, answers what still arrives, and ends
 * every connection; the handles stay the caller's to close after it.
 *
 * @param served handles, or `{ handle, name, version, queue, concurrency, timeout }` where a model differs from the others
 * @throws RunwrightError RW_OPTION_INVALID (an option, no handle, or two that cannot be told apart)
 * @example
 * const server = await createServer([iris, { handle: digits, queue: 64 }]);
 * await server.listen({ port: 3000 });
 */
export async function createServer(
  served: Served | readonly Served[],
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  checkServerOptions(options);
  const {
    bodyLimit = DEFAULT_BODY_LIMIT,
    fileLimit = DEFAULT_FILE_LIMIT,
    uploadDirectory,
    queue = DEFAULT_QUEUE,
    timeout,
    sendTimeout = DEFAULT_SEND_TIMEOUT,
    requestTimeout = DEFAULT_REQUEST_TIMEOUT,
    connectionTimeout = 0,
    closeTimeout,
    modelControl,
  } = options;
  const logger = guardLogger(options.logger ?? silentLogger);
  const defaults = { queue, timeout, sendTimeout, logger };
  const models = servedModels(served, defaults);
  const { default: fastify } = await import('fastify');
  const { default: multipart } = await import('@fastify/multipart');
  const connections = new Connections();
  const gate = new Gate();
  const requests = new OpenRequests();
  const uploads = new UploadFolder(uploadDirectory, logger);
  const nextId = requestIds();
  const hotPath = new HotPath(models, { bodyLimit, nextId, requests, logger });

  const app: FastifyInstance = fastify({
    bodyLimit,
    routerOptions: { maxParamLength: LONGEST_NAME },
    // Called once for each address: `localhost` has two.
    serverFactory: (handler) => {
      const answer = gate.guard((request, response) => {
        if (request.headers.host === undefined && request.httpVersion === '1.1') {
          refuseUnread(request, response, 'noHost', nextId);
        } else if (!hotPath.take(request, response)) handler(request, response);
      });
      const server = createHttpServer(timeouts(requestTimeout), answer);
      continueLate(server, answer);
      server.setTimeout(connectionTimeout);
      refuseBrokenRequests(server, connections);
      connections.watch(server);
      server.on('checkExpectation', (request, response) =>
        refuseUnread(request, response, 'unmetExpectation', nextId),
      );
      return server;
    },
    // Done above, for every address.
    clientErrorHandler: () => undefined,
    genReqId: nextId,
    requestIdHeader: REQUEST_ID,
    // What arrives while the server closes is answered; see closeGently.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => void sendError(reply, error),
  });
  const sendError = (reply: FastifyReply, error: unknown): FastifyReply => {
    const { id, url } = reply.request;
    const answer = reportError(fastifyFault(error), `request ${id} to ${url} failed`, logger);
    return sendAnswer(reply.header(REQUEST_ID, id), toExchangeAnswer(answer));
  };
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));

  app.addHook('onRequest', ({ id }, reply, done) => {
    reply.header(REQUEST_ID, id);
    done();
  });
  app.addHook('preClose', (done) => {
    hotPath.close();
    done();
  });
  app.addHook('onClose', () => uploads.close());
  closeGently(app, { connections, gate, requests }, { closeTimeout, requestTimeout });

  leaveBodiesUnread(app);
  await app.register(multipart, { throwFileSizeLimit: false });
  registerHealthRoutes(app, models);
  registerNativeRoutes(app, { models, requests, uploads, limits: { bodyLimit, fileLimit } });
  const control =
    modelControl && new RepositoryControl(models, modelControl, defaults, () => hotPath.refresh());
  if (control !== undefined) app.addHook('onClose', () => control.close());
  registerOipRoutes(app, { models, requests, bodyLimit, control });
  answerLostRequests(app, models);
  // From here on the program may put something of its own between.
  hotPath.watch(app);
  return app;
}

function timeouts(requestTimeout: number): object {
  return {
    requestTimeout,
    // Answered by us: Node's own refusal has no body.
    requireHostHeader: false,
    // Longer than load balancers keep theirs: otherwise they meet a connection that is being closed.
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    headersTimeout: Math.min(requestTimeout || LONGEST_HEAD_TIMEOUT, LONGEST_HEAD_TIMEOUT),
    connectionsCheckingInterval: Math.min(requestTimeout || LONGEST_CHECK_INTERVAL, LONGEST_CHECK_INTERVAL),
  };
}
