import { Readable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import { HEADER_LENGTH } from './readBody';

/** Above this many bytes parts are sent one by one instead of being joined. */
const WORTH_A_STREAM = 64 * 1024;

/** Sends an answer through Fastify, with its hooks. */
export function sendAnswer(reply: FastifyReply, answer: ExchangeAnswer): FastifyReply {
  const { status, contentType, headerLength, body } = answer;
  reply.code(status).header('content-type', contentType);
  if (headerLength !== undefined) reply.header(HEADER_LENGTH, headerLength);
  if (isParts(body)) {
    const length = lengthOf(body);
    if (length < WORTH_A_STREAM) return reply.send(Buffer.concat(body));
    return reply.header('content-length', length).send(Readable.from(body, { objectMode: false }));
  }
  if (typeof body === 'string') return reply.send(body);
  if (Symbol.asyncIterator in body)
    return reply.header('cache-control', 'no-cache').send(Readable.from(body));
  return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}

export interface WriteOptions {
  /** True when the connection ends with this answer. */
  readonly last: boolean;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Writes an answer that is no stream to the socket itself. */
export function writeAnswer(
  response: ServerResponse,
  answer: ExchangeAnswer,
  { last, retryAfter }: WriteOptions,
): void {
  if (response.destroyed) return;
  const { status, contentType, headerLength, body } = answer;
  const parts = isParts(body) ? body : undefined;
  const length = parts === undefined ? Buffer.byteLength(body as string | Uint8Array) : lengthOf(parts);
  const headers: (string | number)[] = ['content-type', contentType, 'content-length', length];
  if (headerLength !== undefined) headers.push(HEADER_LENGTH, headerLength);
  if (retryAfter !== undefined) headers.push('retry-after', retryAfter);
  if (last) headers.push('connection', 'close');
  response.writeHead(status, headers);
  if (parts === undefined) {
    response.end(body);
    return;
  }
  response.cork();
  for (const part of parts) response.write(part);
  response.uncork();
  response.end();
}

function isParts(body: ExchangeAnswer['body']): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
