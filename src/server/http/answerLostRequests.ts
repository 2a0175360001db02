import type { FastifyInstance, HTTPMethods } from 'fastify';
import { RequestError } from '../exchange/RequestError';
import type { ModelTable } from '../models/ModelTable';

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers requests that no route takes: 405 where another method would do, else 404 with what there is. */
export function answerLostRequests(app: FastifyInstance, models: ModelTable): void {
  app.setNotFoundHandler(({ url: target }, reply) => {
    const [url = ''] = target.split('?');
    const allowed = METHODS.filter((method) => app.findRoute({ method, url }) !== null);
    if (allowed.length > 0) {
      void reply.header('allow', allowed.join(', '));
      throw new RequestError(
        405,
        'the route does not take this method',
        `It takes ${allowed.join(', ')} alone`,
      );
    }
    const names = [...new Set(models.list().map(({ name }) => encodeURIComponent(name)))];
    const predict = names.map((name) => `POST /models/${name}/predict`);
    throw new RequestError(
      404,
      'there is no such route',
      `There is ${[...predict, 'GET /healthz', 'GET /readyz', 'GET /v2'].join(', ')}`,
    );
  });
}
