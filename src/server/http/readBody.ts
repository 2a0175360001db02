import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { RequestError } from '../exchange/RequestError';
import { alignedBuffer } from './alignedBuffer';
import { atDeadline } from './atDeadline';

const inflaters = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

export interface BodyOptions {
  /** Bytes that it may have, before and after decompression. */
  readonly limit: number;
  /** Bytes after which an address divisible by 8 is wanted. Default 0. */
  readonly header?: number;
}

/**
 * The whole body of a request, decompressed. Each of its bytes is copied at most once on the way from the socket.
 *
 * @throws RequestError 413 (too large), 415 (a compression that is not gzip or deflate), 400 (damaged, or cut off)
 */
export async function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return collected(request, options);
  const decompress = inflaters.get(encoding);
  if (decompress === undefined) {
    throw new RequestError(
      415,
      `the body is compressed by "${encoding.slice(0, 40)}", which this server does not read`,
      'Send it with Content-Encoding gzip or deflate, or uncompressed',
    );
  }
  const packed = await collected(request, { limit: options.limit });
  const body = await decompress(packed, { maxOutputLength: options.limit }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(options.limit);
    throw new RequestError(
      400,
      `the body cannot be decompressed as ${encoding}`,
      'Send it whole, and as it is declared',
    );
  });
  const { header = 0 } = options;
  if ((body.byteOffset + header) % 8 === 0) return body;
  const aligned = alignedBuffer(body.byteLength, header);
  body.copy(aligned);
  return aligned;
}

function collected(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => collect(request, options, resolve, reject));
}

export interface CollectOptions extends BodyOptions {
  /** When the body is too late, by `performance.now()`; absent for no limit. */
  readonly deadline?: number | undefined;
}

/** Callbacks instead of promises: this runs for each request of the hot path. */
export function collect(
  request: IncomingMessage,
  { limit, header = 0, deadline }: CollectOptions,
  resolve: (body: Buffer) => void,
  reject: (error: unknown) => void,
): void {
  const declared = request.headers['content-length'];
  const length = declared === undefined ? undefined : Number(declared);
  if (length !== undefined && length > limit) return reject(tooLarge(limit));
  let received = 0;
  let done = false;
  let timer: NodeJS.Timeout | undefined;
  const fail = (error: unknown): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    reject(error);
  };
  const finish = (body: Buffer): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    resolve(body);
  };
  let whole: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  const take = (chunk: Buffer): void => {
    if (done) return;
    received += chunk.byteLength;
    if (received > limit) return fail(tooLarge(limit));
    if (length === undefined) return void (chunks ??= []).push(chunk);
    // Small bodies come in one piece, which nothing needs to be copied out of unless tensors follow.
    if (received === length && whole === undefined && header === 0) return finish(chunk);
    whole ??= alignedBuffer(length, header);
    chunk.copy(whole, received - chunk.byteLength);
    if (received === length) finish(whole);
  };
  // Also when the client leaves: Node then says that the request was aborted.
  request.on('error', () =>
    fail(new RequestError(400, 'the body ended before it was whole', 'Send all of it')),
  );
  const flow = (): void => {
    timer = atDeadline(deadline, fail);
    request.on('data', take);
    // A body of known length has ended with its last byte.
    if (length === undefined || length === 0) {
      request.on('end', () => finish(joined(chunks ?? [], received, header)));
    }
  };
  if (length === undefined) return flow();
  // What came in one piece with the head is there by then, and a stream that need not flow costs much less.
  void readAhead.then(() => {
    const chunk = request.read() as Buffer | null;
    if (chunk !== null) take(chunk);
    if (!done) flow();
  });
}

const readAhead = Promise.resolve();

function joined(chunks: readonly Buffer[], length: number, header: number): Buffer {
  const whole = alignedBuffer(length, header);
  let offset = 0;
  for (const chunk of chunks) offset += chunk.copy(whole, offset);
  return whole;
}

function tooLarge(limit: number): RequestError {
  return new RequestError(
    413,
    `the body is larger than the ${limit} bytes that this server takes`,
    'Send less at once',
  );
}
