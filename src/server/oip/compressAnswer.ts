import { promisify } from 'node:util';
import { constants, deflate, gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
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
  accepted: string | undefined,
  reply: FastifyReply,
): Promise<ExchangeAnswer> {
  const { status, body } = answer;
  if (accepted === undefined || status !== 200 || !isWhole(body)) return answer;
  const encoding = chooseEncoding(accepted);
  if (encoding === undefined || Buffer.byteLength(body) < WORTH_IT) return answer;
  reply.header('content-encoding', encoding).header('vary', 'accept-encoding');
  return { ...answer, body: await compressors[encoding](body, FAST) };
}

function isWhole(body: ExchangeAnswer['body']): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** gzip where it is as welcome as deflate. */
function chooseEncoding(accepted: string): keyof typeof compressors | undefined {
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0;
  const best = weightOf('gzip') >= weightOf('deflate') ? 'gzip' : 'deflate';
  return weightOf(best) > 0 ? best : undefined;
}
