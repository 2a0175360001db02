import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { exchangeOverHttp } from '../http/exchangeOverHttp';
import type { OpenRequests } from '../http/OpenRequests';
import { sendAnswer } from '../http/sendAnswer';
import { findModel } from '../models/findModel';
import { modelPaths, type ModelPath } from '../models/ModelPath';
import type { ModelTable } from '../models/ModelTable';
import { onlyModel } from '../models/onlyModel';
import type { ServedModel } from '../models/ServedModel';
import type { BodyLimits } from './BodyLimits';
import { readNativeRequest } from './readNativeRequest';
import type { UploadFolder } from './UploadFolder';

export interface NativeDoor {
  readonly models: ModelTable;
  readonly requests: OpenRequests;
  readonly limits: BodyLimits;
  readonly uploads: UploadFolder;
}

/** `POST /predict` (while there is one model), `POST /models/:name/predict` and `POST /models/:name/versions/:version/predict`. */
export function registerNativeRoutes(
  app: FastifyInstance,
  { models, requests, limits, uploads }: NativeDoor,
): void {
  const predict = async (
    request: FastifyRequest,
    reply: FastifyReply,
    model: ServedModel,
  ): Promise<FastifyReply> => {
    // The last thing that happens to a request, whether it is answered, streamed to its end, or left.
    const closed = new Promise((resolve) => reply.raw.once('close', resolve));
    const read = (): Promise<ExchangeRequest> => {
      const upload = uploads.begin();
      const reading = readNativeRequest(request, model, limits, upload);
      // A client may leave while its files are still being written.
      void Promise.allSettled([reading, closed]).then(() => upload.end());
      return reading;
    };
    return sendAnswer(reply, await exchangeOverHttp(request, reply, { model, requests, read }));
  };
  const config = { readsBody: true };
  app.post('/predict', { config }, (request, reply) => predict(request, reply, onlyModel(models)));
  for (const path of modelPaths('/predict')) {
    app.post<{ Params: ModelPath }>(path, { config }, (request, reply) => {
      const { name, version } = request.params;
      return predict(request, reply, findModel(models, name, version));
    });
  }
}
