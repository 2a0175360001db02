import type { FastifyInstance } from 'fastify';
import type { ModelTable } from '../models/ModelTable';

/** `GET /healthz`: the process answers. `GET /readyz`: every model takes input. */
export function registerHealthRoutes(app: FastifyInstance, models: ModelTable): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const states = models.list().map(({ name, version, state }) => ({ name, version, state }));
    if (models.ready) return { status: 'ready', models: states };
    const error = states.length === 0 ? 'there is no model' : 'not every model is ready';
    return reply.code(503).send({ error, code: 'RW_HANDLE_STATE', issues: [], models: states });
  });
}
