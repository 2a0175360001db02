import { path } from './path.mjs';
import { startServer } from './startServer.mjs';

/**
 * Serves a registered runner in a process of its own.
 *
 * @param registered what `registerRunner` returned
 * @param options `load` for loadModel (`execution`, `workers`), `model` (`queue`, `concurrency`) and `server` for createServer, and
 *   `flags` of node
 * @returns as `startServer` does
 */
export const startOurs = (registered, { load = {}, model = {}, server = {}, flags = [] } = {}) =>
  startServer(
    [
      process.execPath,
      ...flags,
      path('bench/serve/ours.mjs'),
      JSON.stringify({ ...registered, load, model, server }),
    ],
    { ready: '/readyz' },
  );
