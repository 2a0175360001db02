import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { RequestError } from '../exchange/RequestError';
import { exchangeOverHttp } from '../http/exchangeOverHttp';
import { headerLength } from '../http/headerLength';
import { readBody } from '../http/readBody';
import { sendAnswer } from '../http/sendAnswer';
import { findModel } from '../models/findModel';
import { compressAnswer } from './compressAnswer';
import { modelPaths, type ModelPath } from '../models/ModelPath';
import type { OipDoor } from './OipDoor';

type Kind = Pick<ExchangeRequest, 'door' | 'stream'>;
type OipRequest = FastifyRequest<{ Params: ModelPath }>;

const ROUTES: Readonly<Record<string, Kind>> = {
  '/infer': { door: 'infer', stream: 'ndjson' },
  '/generate': { door: 'generate', stream: 'ndjson' },
  '/generate_stream': { door: 'generate', stream: 'sse' },
};

/** The routes that run a model. Their bodies are taken whatever their content type: clients send none, or any. */
export function registerInferRoutes(
  app: FastifyInstance,
  { models, requests, bodyLimit }: Omit<OipDoor, 'control'>,
): void {
  const answer = async (kind: Kind, request: OipRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { name, version } = request.params;
    const model = findModel(models, name, version);
    const header = kind.door === 'infer' ? checkedHeaderLength(request.headers) : undefined;
    const read = async (): Promise<ExchangeRequest> => ({
      ...kind,
      form: 'json',
      body: await readBody(request.raw, { limit: bodyLimit, header: header ?? 0 }),
      headerLength: header,
      modelName: model.name,
      modelVersion: model.version,
    });
    const plain = await exchangeOverHttp(request, reply, { model, requests, read });
    return sendAnswer(reply, await compressAnswer(plain, request, reply));
  };
  for (const [rest, kind] of Object.entries(ROUTES)) {
    for (const path of modelPaths(rest, '/v2')) {
      app.post<{ Params: ModelPath }>(path, { config: { readsBody: true } }, (request, reply) =>
        answer(kind, request, reply),
      );
    }
  }
}

function checkedHeaderLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headerLength(headers);
  if (!Number.isNaN(length)) return length;
  throw new RequestError(
    400,
    'Inference-Header-Content-Length is not a number of bytes',
    'Send the length of the JSON before any compression, once',
  );
}
