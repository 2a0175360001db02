import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { secretsOf } from '../../../../src/registry/http/secretsOf';
import { serviceMessage } from '../../../../src/registry/http/serviceMessage';
import { serve, unusedPort } from './serve';

const WHERE = 'oci://acme';

/** Unlike anything that a message holds by itself. */
const secrets = fc
  .stringMatching(/^[A-Za-z0-9._~+/-]{8,40}$/)
  .map((text) => `S3${text}`)
  .filter((text) => !text.includes('//'));

function shown(error: unknown): string {
  return [
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 10, showHidden: true }),
    (error as Error).stack,
  ].join('\n');
}

describe('a secret', () => {
  it('is in no error, whatever the service makes of it', async () => {
    // It says in its answer all that it was told, in every way that is shown.
    const { url } = await serve((request, response) => {
      const told = [request.headers.authorization, request.url].join(' ');
      const [, credentials = ''] = request.headers.authorization?.split(' ') ?? [];
      const decoded = Buffer.from(credentials, 'base64').toString();
      const status = Number(request.headers['x-status']);
      const answer = {
        errors: [{ code: 'ECHO', message: `${told} ${decoded}` }, { code: decoded.split(':')[1] }],
      };
      response.writeHead(status, { 'content-type': 'application/json', location: `ftp://x/${credentials}` });
      response.end(JSON.stringify(answer));
    });
    await fc.assert(
      fc.asyncProperty(
        secrets,
        secrets,
        fc.constantFrom('Bearer', 'Basic', 'Token'),
        fc.constantFrom(302, 400, 401, 403, 404, 407, 418, 429, 500),
        async (secret, signature, scheme, status) => {
          const pair = Buffer.from(`robot:${secret}`).toString('base64');
          const authorization = `${scheme} ${scheme === 'Basic' ? pair : secret}`;
          const authorizer = {
            origin: url.origin,
            headers: () => Promise.resolve({ authorization }),
            refused: () => Promise.resolve(false),
          };
          const client = new HttpClient({ authorizer, retry: { tries: 1 } });
          const target = new URL(`v2/?X-Amz-Signature=${encodeURIComponent(signature)}`, url);
          const error: unknown = await client
            .send({ method: 'GET', url: target, where: WHERE, headers: { 'x-status': String(status) } })
            .catch((failure: unknown) => failure);
          expect(RunwrightError.is(error)).toBe(true);
          const text = shown(error);
          for (const hidden of [secret, signature, encodeURIComponent(signature), pair])
            expect(text).not.toContain(hidden);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is in no error of a connection that failed', async () => {
    const url = new URL(`http://user:in-the-url@127.0.0.1:${await unusedPort()}/v2/?sig=in-the-query`);
    const authorizer = {
      origin: url.origin,
      headers: () => Promise.resolve({ authorization: 'Bearer in-the-header' }),
      refused: () => Promise.resolve(false),
    };
    const error: unknown = await new HttpClient({ authorizer, retry: { tries: 2, firstWait: 1 } })
      .send({ method: 'GET', url, where: WHERE })
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
    expect(shown(error)).not.toMatch(/in-the-(url|query|header)/);
  });

  it('that cannot stand in a header is in no error', async () => {
    const { url } = await serve((_, response) => response.end());
    const authorizer = {
      origin: url.origin,
      headers: () => Promise.resolve({ authorization: 'Bearer in-the-\nheader' }),
      refused: () => Promise.resolve(false),
    };
    const error: unknown = await new HttpClient({ authorizer, retry: { tries: 1 } })
      .send({ method: 'GET', url, where: WHERE })
      .catch((failure: unknown) => failure);
    expect(RunwrightError.is(error)).toBe(true);
    expect(shown(error)).not.toContain('header');
  });
});

describe("a service's own words", () => {
  const said = (body: unknown): string | undefined => serviceMessage(Buffer.from(JSON.stringify(body)), []);

  it('are those of OCI registries, of VESSL and of token services', () => {
    expect(said({ errors: [{ code: 'DENIED', message: 'no', detail: [1] }, { code: 'UNKNOWN' }] })).toBe(
      'DENIED: no; UNKNOWN',
    );
    expect(said({ code: 'NotFound', message: 'no such model', fields: [] })).toBe('NotFound: no such model');
    expect(said({ details: 'incorrect username or password' })).toBe('incorrect username or password');
    expect(said({ error: 'invalid_grant', error_description: 'expired' })).toBe('invalid_grant: expired');
  });

  it('are nothing where there are none', () => {
    for (const body of [{}, [], null, 'text', 1, { errors: [] }, { errors: 'x' }, { message: 1 }])
      expect(said(body)).toBeUndefined();
    expect(serviceMessage(Buffer.from('<html><body>Bad Gateway</body></html>'), [])).toBeUndefined();
    expect(serviceMessage(undefined, [])).toBeUndefined();
  });

  it('are one line of bounded length, without what a terminal would obey', () => {
    const message = said({ message: `a\u001b[31m\r\nb\u0000\u202ec${'x'.repeat(10_000)}` });
    expect(message).toMatch(/^a \[31m b cx+\.\.\.$/);
    expect(message?.length).toBeLessThan(310);
  });
});

describe('secretsOf', () => {
  it('finds the token, the pair, the password, and what a query and a form hold', () => {
    const basic = Buffer.from('robot:pass:word').toString('base64');
    expect(
      secretsOf({ authorization: `Basic ${basic}` }, { url: new URL('http://a/?b=cd%2Fef&g=h') }),
    ).toEqual([`Basic ${basic}`, basic, 'robot:pass:word', 'pass:word', 'cd%2Fef', 'cd/ef']);
    const url = new URL('http://a/');
    expect(secretsOf({ authorization: 'Bearer abc.def' }, { url })).toEqual(['Bearer abc.def', 'abc.def']);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.from('refresh_token=abc%2Bdef&x=y');
    expect(secretsOf({}, { url, headers, body })).toEqual(['abc%2Bdef', 'abc+def']);
  });
});
