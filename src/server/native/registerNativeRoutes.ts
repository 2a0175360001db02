import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestError } from '../exchange/RequestError';
import { exchangeOverHttp } from '../http/exchangeOverHttp';
import { sendAnswer } from '../http/sendAnswer';
import { findModel } from '../models/findModel';
import type { ModelTable } from '../models/ModelTable';
import type { ServedModel } from '../models/ServedModel';
import { readNativeRequest, type NativeLimits } from './readNativeRequest';
import type { UploadFolder } from './UploadFolder';

export interface NativeDoor {
  readonly models: ModelTable;
  readonly limits: NativeLimits;
  readonly uploads: UploadFolder;
}

interface Path {
  readonly name: string;
  readonly version?: string;
}

/** `POST /predict` (while there is one model), `POST /models/:name/predict` and `POST /models/:name/versions/:version/predict`. */
export function registerNativeRoutes(app: FastifyInstance, { models, limits, uploads }: NativeDoor): void {
  const predict = async (
    request: FastifyRequest,
    reply: FastifyReply,
    model: ServedModel,
  ): Promise<FastifyReply> => {
    const upload = uploads.begin();
    // The last thing that happens to a request, whether it is answered, streamed to its end, or left.
    reply.raw.once('close', () => upload.end());
    const read = () => readNativeRequest(request, model, limits, upload);
    return sendAnswer(reply, await exchangeOverHttp(request, reply, model, read));
  };
  const config = { readsBody: true };
  app.post('/predict', { config }, (request, reply) => {
    const { only } = models;
    if (only !== undefined) return predict(request, reply, only);
    const there = models.list().map(({ name }) => `POST /models/${encodeURIComponent(name)}/predict`);
    throw new RequestError(404, 'this server has several models', `There is ${there.join(', ')}`);
  });
  for (const path of ['/models/:name/predict', '/models/:name/versions/:version/predict']) {
    app.post<{ Params: Path }>(path, { config }, (request, reply) => {
      const { name, version } = request.params;
      return predict(request, reply, findModel(models, name, version));
    });
  }
}
