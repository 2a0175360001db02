import { beforeAll, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { makeCertificate, type Certificate } from './makeCertificate';
import { serve } from './serve';
import { writePem } from './writePem';

const WHERE = 'oci://acme';
const retry = { firstWait: 1 };

let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate('localhost');
});

describe('TLS', () => {
  it.each(['RUNWRIGHT_CA_FILE', 'SSL_CERT_FILE'])('trusts an authority of %s', async (variable) => {
    const { url } = await serve((_, response) => response.end('ok'), certificate);
    const client = new HttpClient({ environment: { [variable]: await writePem(certificate.cert) } });
    expect(String((await client.send({ method: 'GET', url, where: WHERE })).body)).toBe('ok');
  });

  it.each([undefined, '0'])(
    'refuses one that nobody vouches for at once, with NODE_TLS_REJECT_UNAUTHORIZED=%s too',
    async (switched) => {
      if (switched !== undefined) vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', switched);
      let connections = 0;
      const { url } = await serve((_, response) => {
        connections += 1;
        response.end('ok');
      }, certificate);
      await expect(
        new HttpClient({ environment: {} }).send({ method: 'GET', url, where: WHERE }),
      ).rejects.toMatchObject({
        code: 'RW_REGISTRY_UNAVAILABLE',
        message: expect.stringMatching(/DEPTH_ZERO_SELF_SIGNED_CERT\)\. .*RUNWRIGHT_CA_FILE/),
      });
      expect(connections).toBe(0);
      vi.unstubAllEnvs();
    },
  );

  it('goes on refusing the others when an authority is added', async () => {
    const other = makeCertificate('localhost');
    const { url } = await serve((_, response) => response.end('ok'), other);
    const client = new HttpClient({ environment: { RUNWRIGHT_CA_FILE: await writePem(certificate.cert) } });
    await expect(client.send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
    });
  });

  it('refuses a certificate of another host', async () => {
    const { port } = await serve((_, response) => response.end('ok'), certificate);
    const client = new HttpClient({ environment: { RUNWRIGHT_CA_FILE: await writePem(certificate.cert) } });
    const url = new URL(`https://127.0.0.1:${port}/`);
    await expect(client.send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
  });

  it.each([
    ['is missing', undefined, 'RW_IO'],
    ['holds no certificate', 'some text', 'RW_OPTION_INVALID'],
    [
      'holds a damaged one',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'RW_OPTION_INVALID',
    ],
  ])('says so when the file of authorities %s', async (_, text, code) => {
    const file = text === undefined ? '/nowhere/ca.pem' : await writePem(text);
    const client = new HttpClient({ environment: { RUNWRIGHT_CA_FILE: file } });
    const url = new URL('https://localhost:1/');
    await expect(client.send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code,
      where: expect.stringContaining('RUNWRIGHT_CA_FILE'),
    });
    // Nothing of it is needed without TLS.
    const plain = await serve((_request, response) => response.end('ok'));
    await client.send({ method: 'GET', url: plain.url, where: WHERE });
  });

  it('that is not spoken there is said so', async () => {
    const { port } = await serve((_, response) => response.end('ok'));
    const url = new URL(`https://127.0.0.1:${port}/`);
    await expect(new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/does not speak https.*oci\+http:\/\//),
    });
  });

  it('is not what is wrong with an answer whose head is too large', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'x-large': 'x'.repeat(100_000) }).end();
    });
    await expect(new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      message: expect.stringMatching(/head of the answer is too large \(HPE_HEADER_OVERFLOW\)/),
    });
  });

  it('that is spoken where plain http is expected is said so', async () => {
    const { port } = await serve((_, response) => response.end('ok'), certificate);
    const url = new URL(`http://127.0.0.1:${port}/`);
    await expect(new HttpClient({ retry }).send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/ECONNRESET|HPE_/),
    });
  });
});
