import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import type { StreamForm } from '../exchange/StreamForm';
import { RequestError } from '../exchange/RequestError';
import { readBody } from '../http/readBody';
import type { ServedModel } from '../models/ServedModel';
import type { BodyLimits } from './BodyLimits';
import { readForm } from './readForm';
import type { Upload } from './UploadFolder';

const JSON_BODY = /^application\/(?:[\w.-]+\+)?json$/;

/**
 * A request to our own door: a form where there are file fields, bytes where the runner takes bytes, else JSON.
 *
 * @throws RequestError 400, 413, 415; ValidationError for a file that its field does not take
 */
export async function readNativeRequest(
  request: FastifyRequest,
  model: ServedModel,
  limits: BodyLimits,
  upload: Upload,
): Promise<ExchangeRequest> {
  const { input } = model.description;
  const type = mediaType(request.headers['content-type']);
  const common = {
    door: 'native',
    stream: streamForm(request),
    modelName: model.name,
  } as const;
  if (type === 'multipart/form-data' && input.fields !== undefined) {
    if (isCompressed(request)) {
      throw new RequestError(
        415,
        'the form is compressed, which this server does not read',
        'Send it uncompressed, without Content-Encoding',
      );
    }
    const { fields, files } = await readForm(request, model.description, limits, upload);
    return { ...common, form: 'fields', body: Buffer.from(JSON.stringify(fields)), files };
  }
  const isBinary = input.kind === 'binary' && type !== 'multipart/form-data';
  if (!isBinary && !JSON_BODY.test(type) && !(type === '' && hasNoBody(request))) {
    const forms = input.fields?.some(({ value }) => value.kind === 'file') ? ' or multipart/form-data' : '';
    throw new RequestError(
      415,
      'the body is not JSON',
      `Send it with Content-Type: application/json${forms}`,
    );
  }
  const body = await readBody(request.raw, { limit: limits.bodyLimit });
  return { ...common, form: isBinary ? 'bytes' : 'json', body };
}

function mediaType(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function isCompressed({ headers }: FastifyRequest): boolean {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity';
}

function hasNoBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** Whichever the caller likes better, or names first; JSON Lines for one that takes anything, or neither. */
function streamForm(request: FastifyRequest): StreamForm {
  const [best] = new Negotiator(request).mediaTypes(['application/x-ndjson', 'text/event-stream']);
  return best === 'text/event-stream' ? 'sse' : 'ndjson';
}
