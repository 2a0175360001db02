import type { FastifyInstance } from 'fastify';
import type { Connections } from './Connections';
import type { Gate } from './Gate';
import type { OpenRequests } from './OpenRequests';

interface Closing {
  readonly connections: Connections;
  readonly gate: Gate;
  readonly requests: OpenRequests;
}

export interface CloseOptions {
  /** Milliseconds after which what is open is called off. Default: no limit. */
  readonly closeTimeout: number | undefined;
  /** Milliseconds that a request has to arrive; 0 for no limit. */
  readonly requestTimeout: number;
}

/** Milliseconds in which what was called off is answered; then its connections are cut. */
const LAST_WORDS = 1_000;
/** Milliseconds in which a client that is sending its next request can still be answered. */
const GRACE = 100;
/** Milliseconds in which nobody has connected, nor been answered: then few will come in the next moment. */
const QUIET = 20;
/** Milliseconds after which that is not waited for any longer. */
const LONGEST_BACKLOG = 250;

/**
 * A client may be sending its next request, or connecting, while the server begins to close. So for a while each is
 * answered, and told by its answer that the connection ends; only then are unused connections ended. What is still arriving
 * is waited for, until the time to close is over: then every request is answered that it was called off.
 */
export function closeGently(
  app: FastifyInstance,
  { connections, gate, requests }: Closing,
  { closeTimeout, requestTimeout }: CloseOptions,
): void {
  const callOff = (): void => {
    requests.callOff(new Error('the server has closed'));
    setTimeout(() => {
      connections.cut();
      requests.forget();
    }, LAST_WORDS).unref();
  };
  // Of those that came through `inject`; the others are waited for by node.
  app.addHook('onClose', () => requests.idle());
  app.addHook('preClose', (done) => {
    if (closeTimeout !== undefined) setTimeout(callOff, closeTimeout).unref();
    if (!app.server.listening) return void requests.idle().then(() => done());
    // Node itself looks for late requests only until the server begins to close.
    if (requestTimeout > 0) setTimeout(() => connections.endArriving(), requestTimeout).unref();
    connections.announceEnd();
    const stopListening = (): void => {
      // Connections that were made last have not had their time yet.
      setTimeout(() => connections.endUnowed(), GRACE);
      done();
      gate.open();
    };
    setTimeout(() => {
      // Else clients that connect again as soon as they are answered would keep the backlog full.
      gate.shut();
      afterBacklog(connections, stopListening);
    }, GRACE);
  });
}

/**
 * What waits to be accepted when a server stops listening is reset, and the loop accepts as little as one connection a turn
 * (libuv 1.45): so this turns it until no more come.
 */
function afterBacklog(connections: Connections, then: () => void): void {
  const end = performance.now() + LONGEST_BACKLOG;
  let { changes } = connections;
  let last = performance.now();
  let quietAt = last + QUIET;
  const turn = (): void => {
    const now = performance.now();
    // In a long turn the loop has not looked.
    if (connections.changes !== changes || now - last > QUIET) quietAt = now + QUIET;
    ({ changes } = connections);
    last = now;
    if (now < quietAt && now < end) setImmediate(turn);
    else then();
  };
  setImmediate(turn);
}
