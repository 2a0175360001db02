import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { retryAfter } from '../../../../src/registry/http/retryAfter';
import { RETRY_POLICY, waitBefore } from '../../../../src/registry/http/RetryPolicy';
import { bodyOf, serve, serveRaw, unusedPort } from './serve';

const WHERE = 'oci://acme';
const retry = { firstWait: 1, longestWait: 4 };
const UNAVAILABLE = { code: 'RW_REGISTRY_UNAVAILABLE', where: WHERE };

/** Fails in the first requests, as often as said, and then answers with `ok`. */
async function failing(times: number, fail: (response: ServerResponse, request: IncomingMessage) => void) {
  const bodies: Buffer[] = [];
  const served = await serve((request, response) => {
    const turn = bodies.push(Buffer.alloc(0)) - 1;
    request.on('error', () => undefined);
    if (turn < times) return fail(response, request);
    void bodyOf(request).then((body) => {
      bodies[turn] = body;
      response.end('ok');
    });
  });
  return { ...served, requests: () => bodies.length, bodies };
}

describe('what is tried again', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('status %i, until it is none', async (status) => {
    const { url, requests } = await failing(3, (response) => response.writeHead(status).end());
    const client = new HttpClient({ retry });
    expect(String((await client.send({ method: 'GET', url, where: WHERE })).body)).toBe('ok');
    expect(requests()).toBe(4);
  });

  it('six times in all, and then it is an error that says so', async () => {
    const { url, requests } = await failing(100, (response) => response.writeHead(503).end());
    for (const call of ['send', 'download'] as const) {
      const before = requests();
      await expect(
        new HttpClient({ retry })[call]({ method: 'GET', url, where: WHERE }),
      ).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringMatching(
          /GET http:\/\/127.0.0.1:\d+\/ was answered with status 503 \(tried 6 times\)/,
        ),
      });
      expect(requests() - before).toBe(6);
    }
  });

  it.each([400, 404, 409, 410, 416, 501, 505])('not status %i', async (status) => {
    const { url, requests } = await failing(100, (response) => response.writeHead(status).end());
    await expect(new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
    expect(requests()).toBe(1);
  });

  it('a connection that breaks before the answer, and in the middle of one that is read whole', async () => {
    const { url, requests } = await failing(2, (response, { socket }) => {
      if (requests() === 1) return socket.resetAndDestroy();
      response.writeHead(200, { 'content-length': 100 }).write('some');
      setTimeout(() => socket.destroy(), 20);
    });
    expect(String((await new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE })).body)).toBe(
      'ok',
    );
    expect(requests()).toBe(3);
  });

  it('PUT and DELETE by themselves, POST and PATCH only when they are said to be repeatable', async () => {
    for (const [method, repeatable, tries] of [
      ['PUT', undefined, 2],
      ['DELETE', undefined, 2],
      ['POST', true, 2],
      ['PATCH', true, 2],
      ['POST', undefined, 1],
      ['PATCH', undefined, 1],
      ['PUT', false, 1],
    ] as const) {
      const { url, requests } = await failing(1, (response) => response.writeHead(503).end());
      const sent = new HttpClient({ retry }).send({ method, url, where: WHERE, repeatable });
      if (tries === 1) await expect(sent).rejects.toMatchObject(UNAVAILABLE);
      else await sent;
      expect([method, requests()]).toEqual([method, tries]);
    }
  });

  it('not a POST whose connection broke: it may have been done', async () => {
    const { url, requests } = await failing(1, (_, { socket }) => socket.resetAndDestroy());
    const sent = new HttpClient({ retry }).send({ method: 'POST', url, where: WHERE });
    await expect(sent).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.not.stringContaining('tried'),
    });
    expect(requests()).toBe(1);
  });

  it('a POST whose connection was refused: it was never sent', async () => {
    const url = new URL(`http://127.0.0.1:${await unusedPort()}/v2/`);
    await expect(
      new HttpClient({ retry: { ...retry, tries: 3 } }).send({ method: 'POST', url, where: WHERE }),
    ).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(
        /the connection was refused \(ECONNREFUSED\) \(tried 3 times\)\. .*running/,
      ),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });
});

describe('a body that is sent again', () => {
  it('is opened again, arrives whole, and is counted once', async () => {
    const bytes = Buffer.alloc(6 * 1024 * 1024, 'runwright');
    const { url, bodies } = await failing(2, (response, request) => {
      // Of the first, nothing is read; of the second, a part.
      if (bodies.length === 1) return response.writeHead(503, { connection: 'close' }).end();
      let read = 0;
      request.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > 1024 * 1024) request.socket.resetAndDestroy();
      });
    });
    let opened = 0;
    let counted = 0;
    const body = {
      size: bytes.length,
      open: () => {
        opened += 1;
        return Promise.resolve(Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]));
      },
    };
    const onBytes = (count: number): void => {
      counted += count;
      expect(counted).toBeLessThanOrEqual(bytes.length);
    };
    await new HttpClient({ retry }).send({ method: 'PUT', url, body, where: WHERE, onBytes });
    expect(bodies.at(-1)?.equals(bytes)).toBe(true);
    expect([opened, counted]).toEqual([3, bytes.length]);
  });
});

describe('a download', () => {
  it('that breaks in its middle is an error of the stream', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('some');
      setTimeout(() => response.destroy(), 50);
    });
    const { stream } = await new HttpClient({ retry }).download({ method: 'GET', url, where: WHERE });
    await expect(buffer(stream)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('that ends before its length is an error of the stream, however politely it ends', async () => {
    const { url } = await serveRaw((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome'));
    });
    const { stream } = await new HttpClient({ retry }).download({ method: 'GET', url, where: WHERE });
    await expect(buffer(stream)).rejects.toMatchObject(UNAVAILABLE);
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1900).toUTCString()],
  ])('in %s is waited for', async (_, value) => {
    const times: number[] = [];
    const { url } = await failing(1, (response) => {
      times.push(performance.now());
      response.writeHead(429, { 'retry-after': value() }).end();
    });
    await new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE });
    const waited = performance.now() - (times[0] ?? 0);
    expect(waited).toBeGreaterThan(850);
    expect(waited).toBeLessThan(5000);
  });

  it('that is too long is not waited for, and said', async () => {
    const { url, requests } = await failing(9, (response) =>
      response.writeHead(503, { 'retry-after': '3600' }).end(),
    );
    await expect(new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('in 3600 s'),
    });
    expect(requests()).toBe(1);
  });

  it('is read in both its forms, and never negative', () => {
    const now = Date.UTC(2030, 0, 1);
    const read = (value: string) => retryAfter({ 'retry-after': value }, now);
    expect(read('120')).toBe(120_000);
    expect(read('Tue, 01 Jan 2030 00:00:10 GMT')).toBe(10_000);
    expect(read('Mon, 31 Dec 2029 00:00:10 GMT')).toBe(0);
    expect([read('soon'), read(''), read('-1x'), retryAfter({})]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the wait between two tries', () => {
  it('is random, grows, has a bound, and never undercuts what the service asks for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: undefined }),
        (tried, asked) => {
          const wait = waitBefore(RETRY_POLICY, tried, asked);
          if (tried >= RETRY_POLICY.tries) return wait === undefined;
          if (asked === undefined) {
            const most = Math.min(RETRY_POLICY.longestWait, RETRY_POLICY.firstWait * 2 ** (tried - 1));
            return wait !== undefined && wait >= 0 && wait <= most;
          }
          if (asked > RETRY_POLICY.longestRetryAfter) return wait === undefined;
          return wait !== undefined && wait >= asked && wait <= asked * 1.1;
        },
      ),
    );
    expect(
      new Set(Array.from({ length: 20 }, () => waitBefore(RETRY_POLICY, 5, undefined))).size,
    ).toBeGreaterThan(10);
  });
});
