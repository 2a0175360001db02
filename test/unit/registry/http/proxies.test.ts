import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { makeCertificate, type Certificate } from './makeCertificate';
import { bodyOf, serve, serveRaw } from './serve';
import { serveProxy } from './serveProxy';
import { writePem } from './writePem';

const WHERE = 'oci://acme';
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate('registry.test');
});
beforeEach(() => VARIABLES.forEach((name) => vi.stubEnv(name, undefined)));
afterEach(() => void vi.unstubAllEnvs());

const retry = { firstWait: 1, tries: 2 };

async function registry(tls?: Certificate) {
  return serve((request, response) => {
    void bodyOf(request).then((body) => response.end(`${request.method} ${request.url} ${body.length}`));
  }, tls);
}

describe('a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])(
    'of %s opens the way for https',
    async (variable) => {
      const { port } = await registry(certificate);
      const proxy = await serveProxy(port);
      vi.stubEnv(variable, proxy.url);
      const client = new HttpClient({ environment: { RUNWRIGHT_CA_FILE: await writePem(certificate.cert) } });
      const url = new URL('https://registry.test/v2/?a=b');
      const body = Buffer.alloc(3 * 1024 * 1024);
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = await client.send({ method: 'PUT', url, where: WHERE, body });
        expect(String(answer.body)).toBe(`PUT /v2/?a=b ${body.length}`);
      }
      // One way, kept open.
      expect(proxy.asked).toEqual(['CONNECT registry.test:443']);
    },
  );

  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])(
    'of %s is asked for what is plain http',
    async (variable) => {
      const { port } = await registry();
      const proxy = await serveProxy(port);
      vi.stubEnv(variable, proxy.url);
      const client = new HttpClient();
      const url = new URL('http://registry.test/v2/?a=b');
      for (const size of [0, 10, 3 * 1024 * 1024]) {
        const answer = await client.send({ method: 'PUT', url, where: WHERE, body: Buffer.alloc(size) });
        expect(String(answer.body)).toBe(`PUT /v2/?a=b ${size}`);
      }
      expect(proxy.asked).toEqual(Array(3).fill('PUT http://registry.test/v2/?a=b'));
    },
  );

  it('gets its own credentials, which are in no message', async () => {
    const { port } = await registry(certificate);
    const proxy = await serveProxy(port, 407);
    vi.stubEnv('HTTPS_PROXY', proxy.url.replace('//', '//user:p%40ssword@'));
    const error = await failure('https://registry.test/v2/');
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('user:p@ssword').toString('base64')}`]);
    expect(error).toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/the proxy.*407.*HTTPS_PROXY/),
    });
    expect(JSON.stringify(error) + String(error) + error.stack).not.toMatch(/p%40ssword|p@ssword/);
  });

  it.each([
    ['https', 403, 1],
    ['https', 502, 2],
    ['http', 407, 1],
  ])('that refuses %s with %i is named as who refused', async (scheme, status, tries) => {
    const { port } = await registry();
    const proxy = await serveProxy(port, status);
    vi.stubEnv('ALL_PROXY', proxy.url);
    expect(await failure(`${scheme}://registry.test/v2/`)).toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`(proxy.*${status}|${status}.*proxy)`)),
    });
    expect(proxy.asked).toHaveLength(tries);
  });

  it('that says nothing is not waited for without end', async () => {
    const { url } = await serveRaw(() => undefined);
    vi.stubEnv('HTTPS_PROXY', url.origin);
    const start = performance.now();
    expect(await failure('https://registry.test/v2/', 300)).toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) did not answer in time/),
    });
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it.each([
    ['http://me:secret@127.0.0.1:1', '127.0.0.1:1 (HTTPS_PROXY): the connection was refused'],
    ['http://me:secret@nowhere.invalid:3128', 'nowhere.invalid:3128 (HTTPS_PROXY): '],
    ['nonsense.invalid', 'nonsense.invalid (HTTPS_PROXY): '],
  ])('that cannot be reached is named: %s', async (proxy, said) => {
    vi.stubEnv('HTTPS_PROXY', proxy);
    const error = await failure('https://registry.test/v2/');
    expect(error).toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining(`the proxy ${said}`),
    });
    expect(String(error)).not.toContain('secret');
  });

  it('is not asked for a loopback host, nor for one of NO_PROXY', async () => {
    const { url, port } = await registry();
    const proxy = await serveProxy(port);
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) vi.stubEnv(name, proxy.url);
    const client = new HttpClient();
    for (const host of ['127.0.0.1', 'localhost']) {
      const there = new URL(`http://${host}:${url.port}/`);
      expect(String((await client.send({ method: 'GET', url: there, where: WHERE })).body)).toBe('GET / 0');
    }
    vi.stubEnv('NO_PROXY', 'acme.com,.test');
    expect(await failure('http://registry.test/')).toMatchObject({
      message: expect.stringContaining('ENOTFOUND'),
    });
    expect(proxy.asked).toEqual([]);
  });

  it.each(['socks5://127.0.0.1:1', 'http://['])(
    'of a kind that cannot be used is said so: %s',
    async (proxy) => {
      vi.stubEnv('HTTPS_PROXY', proxy.replace('//', '//user:secret@'));
      const error = await failure('https://registry.test/');
      expect(error).toMatchObject({
        code: 'RW_OPTION_INVALID',
        where: expect.stringContaining('HTTPS_PROXY'),
      });
      expect(String(error)).not.toContain('secret');
    },
  );
});

async function failure(url: string, connect = 5000): Promise<Error> {
  const client = new HttpClient({ environment: {}, retry, limits: { connect } });
  return client.send({ method: 'GET', url: new URL(url), where: WHERE }).then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => error as Error,
  );
}
