import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../../../../src/registry/http/HttpClient';
import type { HttpRequest } from '../../../../../src/registry/http/HttpRequest';
import { OciAuthorizer, type OciAuthorizerOptions } from '../../../../../src/registry/oci/auth/OciAuthorizer';
import { bodyOf, serve } from '../../http/serve';
import { authOf, credentialFolder } from './credentialFolder';

const WHERE = 'oci://acme';
const SCOPE = 'repository:acme/iris:pull';

interface Asked {
  readonly method: string | undefined;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

type Answer = (asked: Asked, response: ServerResponse) => void;

interface Setting {
  /** What the token service does; by default it gives out `token-1`, `token-2`, ... for an hour. */
  readonly answer?: Answer;
  /** Which tokens the registry takes; all by default. */
  readonly takes?: (token: string) => boolean;
  readonly challenge?: (realm: string, request: IncomingMessage) => string;
  readonly options?: Partial<OciAuthorizerOptions>;
}

/** A registry and its token service, as distribution's documents describe them. */
async function registry({ answer, takes = () => true, challenge, options }: Setting = {}) {
  const asked: Asked[] = [];
  const shown: (string | undefined)[] = [];
  let given = 0;
  const tokens = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, headers } = request;
      const url = new URL(request.url ?? '', 'http://x');
      const one = {
        method,
        url,
        authorization: headers.authorization,
        form: new URLSearchParams(String(body)),
      };
      asked.push(one);
      if (answer !== undefined) return answer(one, response);
      given += 1;
      response.end(JSON.stringify({ token: `token-${given}`, expires_in: 3600 }));
    });
  });
  const realm = `${tokens.url.href}token?x=y`;
  const { url } = await serve((request, response) => {
    const { authorization } = request.headers;
    shown.push(authorization);
    request.resume();
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (token !== undefined && takes(token)) return void response.end('ok');
    const asks = challenge ?? (() => `Bearer realm="${realm}",service="registry.acme",scope="${SCOPE}"`);
    response.writeHead(401, { 'www-authenticate': asks(realm, request) }).end();
  });
  const folder = await credentialFolder();
  const authorizer = new OciAuthorizer({ origin: url, ...folder.options, ...options });
  const client = new HttpClient({ authorizer, environment: folder.environment, retry: { tries: 1 } });
  const get = (extra: Partial<HttpRequest> = {}) =>
    client.send({ method: 'GET', url: new URL('v2/', url), where: WHERE, scope: SCOPE, ...extra });
  return { ...folder, url, realm, client, asked, shown, get };
}

describe('a token', () => {
  it('is asked for once refused, without credentials when there are none, and used from then on', async () => {
    const { asked, shown, get } = await registry();
    await get();
    await get();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'GET', authorization: undefined });
    expect(asked[0]?.url.searchParams.toString()).toBe(
      new URLSearchParams({ x: 'y', service: 'registry.acme', scope: SCOPE }).toString(),
    );
    expect(shown).toEqual([undefined, 'Bearer token-1', 'Bearer token-1']);
  });

  it('is asked for by Basic with the credentials of exactly this host', async () => {
    const { url, asked, get, write } = await registry();
    const auth = authOf('robot', 'word');
    await write('.docker/config.json', {
      auths: { [url.hostname]: { auth: authOf('wrong', 'host') }, [url.host]: { auth } },
    });
    await get();
    expect(asked[0]?.authorization).toBe(`Basic ${auth}`);
  });

  it('is asked for by an identity token with a form', async () => {
    const { url, asked, get, write } = await registry();
    await write('.docker/config.json', { auths: { [url.host]: { identitytoken: 'identity' } } });
    await get({ scope: `${SCOPE} repository:acme/other:pull` });
    expect(asked).toMatchObject([{ method: 'POST', authorization: undefined }]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      service: 'registry.acme',
      client_id: 'runwright',
      refresh_token: 'identity',
      scope: `${SCOPE} repository:acme/other:pull`,
    });
  });

  it('is one for each scope, with several scopes in it one by one', async () => {
    const { asked, get } = await registry({ challenge: (realm) => `Bearer realm="${realm}"` });
    const both = 'repository:acme/iris:pull,push repository:acme/other:pull';
    for (const scope of [SCOPE, both, SCOPE, both]) await get({ scope });
    expect(asked.map(({ url }) => url.searchParams.getAll('scope'))).toEqual([[SCOPE], both.split(' ')]);
    expect(asked[0]?.url.searchParams.has('service')).toBe(false);
  });

  it('is asked for once by all that wait for it', async () => {
    const { asked, get } = await registry({
      answer: (_, response) =>
        void setTimeout(() => response.end(JSON.stringify({ access_token: 'late' })), 200),
    });
    await Promise.all(Array.from({ length: 20 }, () => get()));
    expect(asked).toHaveLength(1);
  });

  it('is renewed a while before it expires', async () => {
    const { asked, shown, get } = await registry({
      answer: (_, response) =>
        response.end(JSON.stringify({ token: `token-${asked.length}`, expires_in: 1 })),
    });
    await get();
    await get();
    expect(asked).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 800));
    await get();
    // Nobody had to refuse the old one.
    expect(shown).toEqual([undefined, 'Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  it('that is refused before its time is replaced, in the middle of an upload too, once for all', async () => {
    const good = new Set(['token-1']);
    const { asked, get } = await registry({ takes: (token) => good.has(token) });
    await get();
    good.clear();
    good.add('token-2');
    const body = Buffer.alloc(3 * 1024 * 1024);
    await Promise.all(Array.from({ length: 8 }, () => get({ method: 'PUT', body })));
    expect(asked).toHaveLength(2);
  });

  it('covers what the registry says that it wants, from the first try on the next time', async () => {
    const wanted = 'repository:acme/iris:pull,push';
    const { asked, shown, get } = await registry({
      challenge: (realm) => `Bearer realm="${realm}",scope="${wanted}",error="insufficient_scope"`,
    });
    await get();
    await get();
    expect(asked.map(({ url }) => url.searchParams.getAll('scope'))).toEqual([[SCOPE, wanted]]);
    expect(shown).toHaveLength(3);
  });

  it('that is renewed is asked for as often as any request', async () => {
    let broken = 0;
    const { shown, get, asked } = await registry({
      options: { retry: { tries: 5, firstWait: 1, longestWait: 2 } },
      challenge: (realm) => `Bearer realm="${realm.replace('//', '//me:secret@')}"`,
      answer: ({ authorization }, response) => {
        expect(authorization).toBeUndefined();
        if (broken-- > 0) response.destroy();
        else response.end(JSON.stringify({ token: 'a', expires_in: 0.1 }));
      },
    });
    await get();
    broken = 4;
    await new Promise((resolve) => setTimeout(resolve, 120));
    await get();
    expect(asked).toHaveLength(6);
    expect(shown.at(-1)).toBe('Bearer a');
  });

  it('that is refused again is a refusal', async () => {
    const { asked, get } = await registry({ takes: () => false });
    await expect(get()).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      message: expect.stringContaining('runwright login'),
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['no JSON', 'text'],
    ['no token', '{"expires_in": 5}'],
    ['a token that is none', '{"token": 5}'],
    ['a token that would break a header', '{"token": "a\\r\\nb: c"}'],
  ])('service that answers with %s is said so', async (_, text) => {
    const { get } = await registry({ answer: (_asked, response) => void response.end(text) });
    await expect(get()).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringContaining('without a token'),
    });
  });

  it('service that refuses the credentials is said so, without them', async () => {
    const { url, get, write } = await registry({
      answer: ({ authorization }, response) =>
        response.writeHead(401).end(JSON.stringify({ details: `incorrect: ${authorization}` })),
    });
    await write('.docker/config.json', { auths: { [url.host]: { auth: authOf('robot', 's3cret-word') } } });
    const error: unknown = await get().catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      message: expect.stringContaining('incorrect: ***'),
    });
    const text = inspect(error, { showHidden: true, depth: 9 });
    for (const hidden of ['s3cret-word', authOf('robot', 's3cret-word')]) expect(text).not.toContain(hidden);
  });

  it('service that refuses an identity token is said so, without it', async () => {
    const { url, get, write } = await registry({
      answer: ({ form }, response) =>
        response.writeHead(400).end(JSON.stringify({ error: `bad ${form.get('refresh_token')}` })),
    });
    await write('.docker/config.json', { auths: { [url.host]: { identitytoken: 's3cret-identity' } } });
    const error: unknown = await get().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'RW_REGISTRY_ANSWER', message: expect.stringContaining('bad ***') });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('s3cret-identity');
  });

  it('service that is down is tried as often as any, and not again for each try of the request', async () => {
    let tries = 0;
    const { get } = await registry({
      answer: (_, response) => {
        tries += 1;
        response.writeHead(503).end();
      },
      options: { retry: { tries: 3, firstWait: 1 } },
    });
    await expect(get()).rejects.toMatchObject({ code: 'RW_REGISTRY_UNAVAILABLE' });
    expect(tries).toBe(3);
  });

  it('service that redirects gets its secrets sent nowhere else', async () => {
    const seen: (string | undefined)[] = [];
    const thief = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end(JSON.stringify({ token: 'stolen' }));
    });
    for (const entry of [{ auth: authOf('robot', 'word') }, { identitytoken: 'identity' }]) {
      const { url, get, write } = await registry({
        answer: (_, response) => response.writeHead(307, { location: thief.url.href }).end(),
      });
      await write('.docker/config.json', { auths: { [url.host]: entry } });
      await expect(get()).rejects.toMatchObject({
        code: 'RW_REGISTRY_ANSWER',
        message: expect.stringContaining('redirected'),
      });
    }
    expect(seen).toEqual([]);
  });
});

describe('a realm', () => {
  it.each(['no URL', 'ftp://acme.com/', 'file:///etc'])('that is %s is refused', async (realm) => {
    const { get } = await registry({ challenge: () => `Bearer realm="${realm}"` });
    await expect(get()).rejects.toMatchObject({ code: 'RW_REGISTRY_ANSWER' });
  });

  it('over plain http is refused by a registry that speaks https', async () => {
    const authorizer = new OciAuthorizer({
      origin: new URL('https://registry.test'),
      environment: {},
      homeFolder: '/nowhere',
    });
    const request = { method: 'GET', url: new URL('https://registry.test/v2/'), where: WHERE } as const;
    const headers = { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"' };
    await expect(authorizer.refused(request, { status: 401, headers })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringContaining('https'),
    });
  });

  it('over plain http gets credentials only when registry and realm are both on this machine', async () => {
    const credentials = { username: 'robot', password: 'word' };
    const tokens = await serve((_, response) => response.end('{"token": "a"}'));
    for (const [origin, realm] of [
      ['http://registry.test', tokens.url.href],
      ['http://127.0.0.1:1', 'http://tokens.test/'],
    ] as const) {
      const authorizer = new OciAuthorizer({ origin: new URL(origin), credentials });
      const request = { method: 'GET', url: new URL(origin), where: WHERE } as const;
      const headers = { 'www-authenticate': `Bearer realm="${realm}"` };
      await expect(authorizer.refused(request, { status: 401, headers })).rejects.toMatchObject({
        code: 'RW_REGISTRY_ANSWER',
        message: expect.stringContaining('not sent any credentials'),
      });
    }
    const anonymous = new OciAuthorizer({
      origin: new URL('http://registry.test'),
      environment: {},
      homeFolder: '/nowhere',
    });
    const request = { method: 'GET', url: new URL('http://registry.test'), where: WHERE } as const;
    const headers = { 'www-authenticate': `Bearer realm="${tokens.url.href}"` };
    expect(await anonymous.refused(request, { status: 401, headers })).toBe(true);
  });
});

describe('Basic', () => {
  /** A registry that knows one password. */
  async function guarded(password: () => string) {
    const shown: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      const { authorization } = request.headers;
      shown.push(authorization);
      request.resume();
      if (authorization === `Basic ${authOf('robot', password())}`) return void response.end('ok');
      response.writeHead(401, { 'www-authenticate': 'Basic realm="acme"' }).end();
    });
    const folder = await credentialFolder();
    const client = new HttpClient({ authorizer: new OciAuthorizer({ origin: url, ...folder.options }) });
    return { ...folder, url, shown, get: () => client.send({ method: 'GET', url, where: WHERE }) };
  }

  it('is shown once it is asked for, by many at once too', async () => {
    const { url, shown, get, write } = await guarded(() => 'word');
    await write('.docker/config.json', { auths: { [url.host]: { auth: authOf('robot', 'word') } } });
    await Promise.all(Array.from({ length: 8 }, get));
    const before = shown.length;
    await get();
    expect(shown.slice(before)).toEqual([`Basic ${authOf('robot', 'word')}`]);
    expect(shown[0]).toBeUndefined();
  });

  it('without credentials for the host says so', async () => {
    const { url, get, write } = await guarded(() => 'word');
    await write('.docker/config.json', { auths: { [url.hostname]: { auth: authOf('robot', 'word') } } });
    await expect(get()).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      where: url.host,
      message: expect.stringMatching(/there are none for this host.*runwright login/),
    });
  });

  it('goes over plain http to no other machine', async () => {
    const credentials = { username: 'robot', password: 'word' };
    const headers = { 'www-authenticate': 'Basic realm="acme"' };
    for (const [host, taken] of [
      ['registry.test', false],
      ['me.localhost:5000', false],
      ['localhost:5000', true],
      ['[::1]:5000', true],
    ] as const) {
      const origin = new URL(`http://${host}`);
      const authorizer = new OciAuthorizer({ origin, credentials });
      const request = { method: 'GET', url: origin, where: WHERE } as const;
      const asked = authorizer.refused(request, { status: 401, headers });
      if (taken) expect(await asked).toBe(true);
      else {
        await expect(asked).rejects.toMatchObject({
          code: 'RW_REGISTRY_DENIED',
          message: expect.stringContaining('not sent any credentials'),
        });
        expect(await authorizer.headers(request)).toEqual({});
      }
    }
  });

  it('is looked up by the host as it is written', async () => {
    const { options, write } = await credentialFolder();
    await write('.docker/config.json', { auths: { 'acme.test:443': { auth: authOf('robot', 'word') } } });
    const origin = new URL('https://acme.test:443');
    const authorizer = new OciAuthorizer({ origin, host: 'acme.test:443', ...options });
    const request = { method: 'GET', url: origin, where: WHERE } as const;
    const headers = { 'www-authenticate': 'Basic realm="acme"' };
    expect(await authorizer.refused(request, { status: 401, headers })).toBe(true);
    expect(await authorizer.headers(request)).toEqual({ authorization: `Basic ${authOf('robot', 'word')}` });
  });

  it('with the wrong ones is a refusal', async () => {
    const { url, shown, get, write } = await guarded(() => 'word');
    await write('.docker/config.json', { auths: { [url.host]: { auth: authOf('robot', 'wrong-one') } } });
    const error: unknown = await get().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'RW_REGISTRY_DENIED', message: expect.stringContaining('401') });
    expect(inspect(error, { showHidden: true })).not.toContain('wrong-one');
    expect(shown).toHaveLength(2);
  });

  it('takes what its helper has renewed meanwhile', async () => {
    let password = 'first';
    const { url, home, get, write, program } = await guarded(() => password);
    await program('rotating', `printf '{"Username":"robot","Secret":"%s"}' "$(cat ${home}/word)"`);
    await write('.docker/config.json', { credHelpers: { [url.host]: 'rotating' } });
    await writeFile(`${home}/word`, 'first');
    await get();
    password = 'second';
    await writeFile(`${home}/word`, 'second');
    await get();
  });

  it('is not shown to what asks for something else', async () => {
    const folder = await credentialFolder();
    const { url } = await serve(
      (_, response) => void response.writeHead(401, { 'www-authenticate': 'Negotiate' }).end(),
    );
    const authorizer = new OciAuthorizer({ origin: url, ...folder.options });
    await expect(
      new HttpClient({ authorizer }).send({ method: 'GET', url, where: WHERE }),
    ).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
    });
  });
});
