import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { makeCertificate } from './makeCertificate';
import { bodyOf, serve } from './serve';
import { writePem } from './writePem';

const WHERE = 'oci://acme';
const AUTHORIZATION = 'Bearer kept-at-home';

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function storage() {
  const seen: Seen[] = [];
  const { url, port } = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push({ method: request.method, path: request.url, headers: request.headers, body: String(body) });
      response.end('stored');
    });
  });
  return { url, port, seen };
}

/** Answers all paths but /end with a redirect there, or elsewhere. */
async function registry(status: number, location?: string) {
  const seen: Seen[] = [];
  const { url, port } = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push({ method: request.method, path: request.url, headers: request.headers, body: String(body) });
      if (request.url === '/end') response.end('end');
      else response.writeHead(status, { location: location ?? '/end' }).end();
    });
  });
  const authorizer = {
    origin: url.origin,
    headers: () => Promise.resolve({ authorization: AUTHORIZATION }),
    refused: () => Promise.resolve(false),
  };
  return { url, port, seen, client: new HttpClient({ authorizer, retry: { tries: 1 } }) };
}

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])(
    '%i of GET and HEAD is followed, and shown who asks at the same origin',
    async (status) => {
      const { url, seen, client } = await registry(status);
      const answer = await client.send({ method: 'GET', url, where: WHERE, headers: { range: 'bytes=1-' } });
      expect([answer.url.pathname, String(answer.body)]).toEqual(['/end', 'end']);
      expect(seen[1]?.headers).toMatchObject({ range: 'bytes=1-', authorization: AUTHORIZATION });
      const head = await client.send({ method: 'HEAD', url, where: WHERE });
      expect([head.url.pathname, seen.at(-1)?.method]).toEqual(['/end', 'HEAD']);
      expect(String(await buffer((await client.download({ method: 'GET', url, where: WHERE })).stream))).toBe(
        'end',
      );
    },
  );

  it.each([
    ['another port', (port: number) => `http://127.0.0.1:${port}/blob?X-Amz-Signature=abc%2Fd`],
    [
      'another name of the same host',
      (port: number) => `http://localhost:${port}/blob?X-Amz-Signature=abc%2Fd`,
    ],
    [
      'a URL with a name and a password',
      (port: number) => `http://some:body@127.0.0.1:${port}/blob?X-Amz-Signature=abc%2Fd`,
    ],
  ])('to %s takes no proof of who asks there', async (_, location) => {
    const there = await storage();
    const { url, seen, client } = await registry(307, location(there.port));
    for (const method of ['GET', 'PUT'] as const) {
      const headers = { accept: 'a/b', authorization: 'Bearer of-a-careless-caller', cookie: 'a=b' };
      await client.send({
        method,
        url,
        where: WHERE,
        headers,
        body: method === 'PUT' ? Buffer.from('some') : undefined,
      });
      expect(seen.at(-1)?.headers.authorization).toBe(AUTHORIZATION);
      const last = there.seen.at(-1);
      expect(last).toMatchObject({
        method,
        path: '/blob?X-Amz-Signature=abc%2Fd',
        headers: { accept: 'a/b' },
      });
      expect(last?.headers.authorization).toBeUndefined();
      expect(last?.headers.cookie).toBeUndefined();
    }
  });

  it('that comes back to its origin is shown who asks there again', async () => {
    const home = await registry(200);
    const away = await registry(302, home.url.href + 'end');
    const authorizer = { ...home.client.options.authorizer!, origin: home.url.origin };
    await new HttpClient({ authorizer }).send({ method: 'GET', url: away.url, where: WHERE });
    expect(away.seen[0]?.headers.authorization).toBeUndefined();
    expect(home.seen[0]?.headers.authorization).toBe(AUTHORIZATION);
  });

  it.each([307, 308])('%i of a PUT sends the body again, opened again', async (status) => {
    const there = await storage();
    const { url, client } = await registry(status, there.url.href);
    let opened = 0;
    let counted = 0;
    const body = {
      size: 9,
      open: () => {
        opened += 1;
        return Promise.resolve(Readable.from([Buffer.from('runwright')]));
      },
    };
    await client.send({ method: 'PUT', url, where: WHERE, body, onBytes: (count) => (counted += count) });
    expect(there.seen).toMatchObject([
      { method: 'PUT', body: 'runwright', headers: { 'content-length': '9' } },
    ]);
    expect([opened, counted]).toEqual([2, 9]);
  });

  it('303 of a POST is a GET without the body', async () => {
    const { url, seen, client } = await registry(303);
    await client.send({
      method: 'POST',
      url,
      where: WHERE,
      body: Buffer.from('some'),
      headers: { 'content-type': 'a/b' },
    });
    expect(seen[1]).toMatchObject({ method: 'GET', body: '' });
    expect(seen[1]?.headers['content-type']).toBeUndefined();
  });

  it.each([301, 302])('%i of what changes something is not followed: it would be lost', async (status) => {
    const { url, seen, client } = await registry(status);
    for (const method of ['PUT', 'POST', 'DELETE'] as const) {
      await expect(client.send({ method, url, where: WHERE })).rejects.toMatchObject({
        code: 'RW_REGISTRY_ANSWER',
        message: expect.stringContaining(`status ${status}`),
      });
    }
    expect(seen).toHaveLength(3);
  });

  it('is followed five times, and no more', async () => {
    let asked = 0;
    const { url } = await serve((request, response) => {
      asked += 1;
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('end');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const client = new HttpClient({ retry: { tries: 1 } });
    expect(String((await client.send({ method: 'GET', url: new URL('5', url), where: WHERE })).body)).toBe(
      'end',
    );
    asked = 0;
    await expect(client.send({ method: 'GET', url: new URL('6', url), where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringContaining('redirect'),
    });
    expect(asked).toBe(6);
  });

  it.each(['ftp://acme.com/a', 'file:///etc/passwd', 'http://[', 'javascript:1'])(
    'to %s is refused',
    async (location) => {
      const { url, client } = await registry(302, location);
      await expect(client.send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
        code: 'RW_REGISTRY_ANSWER',
      });
    },
  );

  it('from https down to http is refused, and nothing is sent there', async () => {
    const there = await storage();
    const certificate = makeCertificate('localhost');
    const { url } = await serve((_, response) => {
      response.writeHead(307, { location: there.url.href }).end();
    }, certificate);
    const environment = { RUNWRIGHT_CA_FILE: await writePem(certificate.cert) };
    const client = new HttpClient({ environment });
    await expect(client.send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringContaining('plain http'),
    });
    expect(there.seen).toEqual([]);
  });

  it('that the caller names as an answer is one', async () => {
    const { url, client, seen } = await registry(307);
    expect(await client.send({ method: 'GET', url, where: WHERE, accept: [307] })).toMatchObject({
      status: 307,
      headers: { location: '/end' },
    });
    expect(seen).toHaveLength(1);
  });

  it('is followed from the start again when what it leads to fails', async () => {
    let signed = 0;
    const there = await serve((request, response) => {
      if (request.url === '/2') response.end('stored');
      else response.writeHead(503).end();
    });
    const { url } = await serve((_, response) => {
      signed += 1;
      response.writeHead(307, { location: `${there.url.href}${signed}` }).end();
    });
    const client = new HttpClient({ retry: { firstWait: 1 } });
    expect(String((await client.send({ method: 'GET', url, where: WHERE })).body)).toBe('stored');
  });
});
