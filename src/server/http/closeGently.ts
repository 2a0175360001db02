import type { FastifyInstance } from 'fastify';
import type { Connections } from './Connections';

export interface CloseOptions {
  /** Milliseconds after which everything is cut. Default: no limit. */
  readonly closeTimeout: number | undefined;
  /** Milliseconds that a request has to arrive; 0 for no limit. */
  readonly requestTimeout: number;
}

/** Milliseconds in which a client that is sending its next request can still be answered. */
const GRACE = 100;

/**
 * A client may be sending its next request while the server begins to close. So for a while each is answered, and told by
 * its answer that the connection ends; only then are unused connections ended. What is still arriving is waited for.
 */
export function closeGently(
  app: FastifyInstance,
  connections: Connections,
  { closeTimeout, requestTimeout }: CloseOptions,
): void {
  app.addHook('preClose', (done) => {
    if (!app.server.listening) return done();
    if (closeTimeout !== undefined) setTimeout(() => connections.cut(), closeTimeout).unref();
    // Node itself looks for late requests only until the server begins to close.
    if (requestTimeout > 0) setTimeout(() => connections.endArriving(), requestTimeout).unref();
    setTimeout(() => {
      // Connections that were made last have not had their time yet.
      setTimeout(() => connections.endUnowed(), GRACE);
      // Right after the loop has accepted what has come: what waits to be accepted when a server stops listening is reset.
      setImmediate(done);
    }, GRACE);
  });
}
