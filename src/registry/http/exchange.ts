import type { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Got, Progress, Response } from 'got';
import { ioError } from '../../errors/ioError';
import { aborted } from './aborted';
import { connectionError, type BrokenConnection } from './connectionError';
import { describeTarget } from './describeTarget';
import type { StreamedBody } from './HttpRequest';
import type { HttpResponse } from './HttpResponse';
import type { Order } from './Order';
import { ResponseBody } from './ResponseBody';
import { StallTimer } from './StallTimer';
import { stallError } from './stallError';
import { unlessAborted } from './unlessAborted';
import { UploadBody } from './UploadBody';

/** Milliseconds that a server has to ask for a body that it was told of; as curl. */
const CONTINUE = 1000;

/**
 * Sends a request and waits for the head of its answer, whatever that is. An answer that comes before the whole body is sent
 * ends the sending.
 *
 * @throws UnavailableError, RunwrightError RW_ABORTED, and what the body fails with
 */
export async function exchange(got: Got, order: Order): Promise<HttpResponse> {
  const { method, url, body, where, signal, limits } = order;
  const upload =
    body && new UploadBody(await unlessAborted(openBody(body, signal), where, signal), body.size, where);
  return new Promise((resolve, reject) => {
    const writes = method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
    const stream = got.stream(url, {
      method,
      headers: {
        ...order.headers,
        ...(order.compressed ? {} : { 'accept-encoding': 'identity' }),
        ...(body && { 'content-length': String(body.size) }),
        ...(order.onIgnoredExpect && { expect: '100-continue' }),
      },
      // Without a body got would wait for one to be written to the stream.
      body: upload ?? (writes ? Buffer.alloc(0) : undefined),
      agent: { http: order.agent, https: order.agent as HttpsAgent },
      decompress: order.compressed,
      followRedirect: false,
      throwHttpErrors: false,
      retry: { limit: 0 },
      timeout: { lookup: limits.lookup, connect: limits.connect, secureConnect: limits.secureConnect },
      https: { rejectUnauthorized: true },
    });

    const idle = method === 'GET' || method === 'HEAD' ? limits.response : limits.change;
    let sent = body === undefined;
    let connected = false;
    let settled = false;
    let patience: NodeJS.Timeout | undefined;
    const connection = (): BrokenConnection => ({
      where,
      target: describeTarget(method, url),
      secure: url.protocol === 'https:',
      sent: connected,
      sending: connected && body !== undefined,
    });
    const timer = new StallTimer((limit) =>
      fail(stallError(connection(), sent ? 'response' : 'send', limit)),
    );
    const settle = (): void => {
      settled = true;
      timer.stop();
      clearTimeout(patience);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: Error): void => {
      if (settled) return;
      settle();
      reject(error);
      upload?.destroy();
      stream.destroy();
    };
    const abort = (): void => fail(aborted(where, signal));

    stream.on('error', (error) => {
      const own = upload?.errored;
      fail(own ? ioError(own, where, 'read what is to be sent') : connectionError(error, connection()));
    });
    stream.once('socket', (socket: Socket & { readonly secureConnecting?: boolean }) => {
      if (settled) return;
      timer.start(sent ? idle : limits.send);
      const ready = (): void => {
        connected = true;
        if (order.onIgnoredExpect === undefined || settled) return;
        patience = setTimeout(() => {
          order.onIgnoredExpect?.();
          upload?.release();
        }, CONTINUE);
      };
      if (socket.secureConnecting) socket.once('secureConnect', ready);
      else if (socket.connecting) socket.once('connect', ready);
      else ready();
    });
    if (upload !== undefined && body !== undefined) {
      if (order.onIgnoredExpect) upload.hold();
      stream.once('continue', () => {
        clearTimeout(patience);
        upload.release();
      });
      stream.on('uploadProgress', ({ transferred }: Progress) => {
        order.onSent(transferred);
        if (settled || sent || !connected) return;
        timer.step();
        if (transferred < body.size) return;
        sent = true;
        timer.start(idle);
      });
    }
    stream.once('response', (response: Response) => {
      if (settled) return;
      settle();
      sent ||= upload?.taken === true;
      // The server has made up its mind. Writing on would break the connection before the answer is read.
      if (!sent) upload?.hold();
      const broken = connection();
      const answer = new ResponseBody(stream, {
        limit: limits.read,
        signal,
        stalled: (limit) => stallError(broken, 'read', limit),
        broken: (error) => connectionError(error, broken),
        aborted: () => aborted(where, signal),
      });
      answer.once('close', () => {
        if (!sent) stream.destroy();
      });
      resolve({ status: response.statusCode, headers: response.headers, url, body: answer });
    });
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
  });
}

/** A body that is open too late is closed again. */
async function openBody(body: StreamedBody, signal: AbortSignal | undefined): Promise<Readable> {
  const source = await body.open();
  if (signal?.aborted) source.destroy();
  return source;
}
