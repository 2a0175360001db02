import type { FastifyInstance } from 'fastify';
import type { Connections } from './Connections';

/** Milliseconds in which a client that is sending its next request can still be answered. */
const GRACE = 100;

/**
 * A client may be sending its next request while the server begins to close. So for a while each is answered, and told by
 * its answer that the connection ends; only then are unused connections ended.
 */
export function closeGently(app: FastifyInstance, connections: Connections, closeTimeout?: number): void {
  app.addHook('preClose', (done) => {
    if (!app.server.listening) return done();
    if (closeTimeout !== undefined) setTimeout(() => connections.cut(), closeTimeout).unref();
    setTimeout(() => {
      // Connections that were made last have not had their time yet.
      setTimeout(() => connections.endUnowed(), GRACE);
      // Right after the loop has accepted what has come: what waits to be accepted when a server stops listening is reset.
      setImmediate(done);
    }, GRACE);
  });
}
