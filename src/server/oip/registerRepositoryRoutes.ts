import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRecord } from '../../artifact/isRecord';
import { ValidationError } from '../../errors/ValidationError';
import type { HandleState } from '../../lifecycle/RunnerHandle';
import { RequestError } from '../exchange/RequestError';
import { readBody } from '../http/readBody';
import type { ModelPath } from '../models/ModelPath';
import type { OipDoor } from './OipDoor';
import type { RepositoryControl } from './RepositoryControl';
import { tensorSignature } from './tensorSignature';

const STATES: Readonly<Record<HandleState, string>> = {
  created: 'LOADING',
  loading: 'LOADING',
  ready: 'READY',
  restarting: 'LOADING',
  closing: 'UNLOADING',
  closed: 'UNAVAILABLE',
  failed: 'UNAVAILABLE',
};

/** The protocol's model repository: what is there, and loading and unloading where the program lets clients do that. */
export function registerRepositoryRoutes(
  app: FastifyInstance,
  { models, bodyLimit, control }: OipDoor,
): void {
  const config = { readsBody: true };
  app.post('/v2/repository/index', { config }, async (request) => {
    const readyOnly = await wantsReadyOnly(request, bodyLimit);
    return models
      .list()
      .filter(({ ready, description }) => (ready || !readyOnly) && tensorSignature(description).ok)
      .map(({ name, version, state, ready }) => ({
        name,
        version,
        state: STATES[state],
        reason: ready ? '' : `the model is ${state}`,
      }));
  });
  const verbs: Readonly<Record<string, (on: RepositoryControl, name: string) => Promise<void>>> = {
    load: (on, name) => on.load(name),
    unload: (on, name) => on.unload(name),
  };
  for (const [verb, run] of Object.entries(verbs)) {
    app.post<{ Params: ModelPath }>(
      `/v2/repository/models/:name/${verb}`,
      { config },
      async ({ params, raw }) => {
        if (control === undefined) {
          throw new RequestError(
            403,
            `clients may not ${verb} models here`,
            'Serve them by createServer, or give it `modelControl`',
          );
        }
        // Parameters are hints to other servers; what is there is read past, so that the connection can go on.
        await readBody(raw, { limit: bodyLimit });
        await run(control, params.name);
        return { name: params.name, [verb]: true };
      },
    );
  }
}

async function wantsReadyOnly({ raw }: FastifyRequest, limit: number): Promise<boolean> {
  const body = await readBody(raw, { limit });
  if (body.byteLength === 0) return false;
  let document: unknown;
  try {
    document = JSON.parse(body.toString());
  } catch {
    document = undefined;
  }
  const ready = isRecord(document) ? (document.ready ?? false) : undefined;
  if (typeof ready === 'boolean') return ready;
  const issue = { path: '', constraint: 'json', message: 'must be {"ready": true or false}, or nothing' };
  throw new ValidationError('input', [{ ...issue, received: 'text' }], '/v2/repository/index');
}
