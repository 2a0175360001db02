import { promisify } from 'node:util';
import { constants, deflate, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';

/** Bytes below which compressing costs more than it saves. */
const WORTH_IT = 1024;

/** `deflate` is the zlib form, as HTTP means it. */
const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** The client waits: time counts for more than the last few bytes. */
const FAST = { level: constants.Z_BEST_SPEED };

/**
 * A successful answer in the compression that the client takes; with its headers set. Errors stay as they are, because
 * `tritonclient` does not decompress them, and so do streams and short answers. The length of the JSON header stays that
 * before compression.
 */
export async function compressAnswer(
  answer: ExchangeAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ExchangeAnswer> {
  const { status, body } = answer;
  if (request.headers['accept-encoding'] === undefined || status !== 200 || !isWhole(body)) return answer;
  if (Buffer.byteLength(body) < WORTH_IT) return answer;
  const [encoding] = new Negotiator(request).encodings(['gzip', 'deflate', 'identity']);
  if (encoding !== 'gzip' && encoding !== 'deflate') return answer;
  reply.header('content-encoding', encoding).header('vary', 'accept-encoding');
  return { ...answer, body: await compressors[encoding](body, FAST) };
}

function isWhole(body: ExchangeAnswer['body']): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}
