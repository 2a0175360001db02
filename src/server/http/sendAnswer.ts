import { Readable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { bufferOf } from '../../artifact/bufferOf';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import { HEADER_LENGTH } from './headerLength';
import { REQUEST_ID } from './requestIds';

/** Sends an answer through Fastify, with its hooks. */
export function sendAnswer(reply: FastifyReply, answer: ExchangeAnswer): FastifyReply {
  const { status, contentType, headerLength, body } = answer;
  reply.code(status).header('content-type', contentType);
  if (headerLength !== undefined) reply.header(HEADER_LENGTH, headerLength);
  if (typeof body === 'string') return reply.send(body);
  if (body instanceof Uint8Array) return reply.send(bufferOf(body));
  return reply.header('cache-control', 'no-cache').send(Readable.from(body));
}

export interface WriteOptions {
  /** True when the connection ends with this answer. */
  readonly last: boolean;
  readonly requestId: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** Writes an answer that is no stream to the socket itself, unless there is one already. */
export function writeAnswer(
  response: ServerResponse,
  answer: ExchangeAnswer,
  { last, requestId, retryAfter }: WriteOptions,
): void {
  if (response.destroyed || response.headersSent) return;
  const { status, contentType, headerLength } = answer;
  const body = answer.body as string | Uint8Array;
  const headers: (string | number)[] = ['content-type', contentType, REQUEST_ID, requestId];
  headers.push('content-length', Buffer.byteLength(body));
  if (headerLength !== undefined) headers.push(HEADER_LENGTH, headerLength);
  if (retryAfter !== undefined) headers.push('retry-after', retryAfter);
  if (last) headers.push('connection', 'close');
  response.writeHead(status, headers).end(body);
}
