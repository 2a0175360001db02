import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../../artifact/packageRoot';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import { findModel } from '../models/findModel';
import type { ModelTable } from '../models/ModelTable';
import { modelPaths, type ModelPath } from '../models/ModelPath';
import { notInProtocol } from './notInProtocol';
import { tensorSignature, type ServableSignature, type TensorSide } from './tensorSignature';

const EXTENSIONS = ['binary_tensor_data', 'generate', 'model_repository'];

/** What there is and whether it is ready: the routes that run nothing. */
export function registerMetadataRoutes(app: FastifyInstance, models: ModelTable): void {
  const { version } = packageRoot().packageJson;
  for (const path of ['/v2', '/v2/']) {
    app.get(path, () => ({ name: 'runwright', version, extensions: EXTENSIONS }));
  }
  app.get('/v2/health/live', () => ({ live: true, ready: models.ready }));
  app.get('/v2/health/ready', (_request, reply) => {
    if (models.ready) return { live: true, ready: true };
    return reply.code(503).send({ live: true, ready: false, ...notReady('not every model is ready') });
  });
  app.get('/v2/models', () => ({ models: namesOf(models) }));
  for (const path of modelPaths('', '/v2')) {
    app.get<{ Params: ModelPath }>(path, ({ params }) => {
      const { name, description } = findModel(models, params.name, params.version);
      const signature = signatureOf(description);
      const versions = models
        .list()
        .flatMap((model) => (model.name === name && model.version !== undefined ? [model.version] : []));
      return {
        name,
        ...(versions.length > 0 && { versions }),
        platform: 'runwright',
        inputs: tensorsOf(signature.input),
        outputs: tensorsOf(signature.output),
      };
    });
  }
  for (const path of modelPaths('/ready', '/v2')) {
    app.get<{ Params: ModelPath }>(path, ({ params }, reply) => {
      const { name, ready, description } = findModel(models, params.name, params.version);
      signatureOf(description);
      if (ready) return { name, ready };
      return reply.code(503).send({ name, ready, ...notReady('the model is not ready') });
    });
  }
}

function namesOf(models: ModelTable): readonly string[] {
  const present = models.list().filter(({ description }) => tensorSignature(description).ok);
  return [...new Set(present.map(({ name }) => name))];
}

/** @throws RequestError 404 for a model that is absent from the protocol */
function signatureOf(description: RunnerDescription): ServableSignature {
  const signature = tensorSignature(description);
  if (signature.ok) return signature;
  throw notInProtocol(signature.reason);
}

function tensorsOf({ tensors }: TensorSide): readonly object[] {
  return tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
}

function notReady(error: string): object {
  return { error, code: 'RW_HANDLE_STATE', issues: [] };
}
