import 'reflect-metadata';
import { deflateSync, gzipSync } from 'node:zlib';
import { IsNumber } from 'class-validator';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import { IsFile } from '../../../../src/schema/IsFile';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import type { UploadedFile } from '../../../../src/schema/UploadedFile';
import { chunk, post, rawConnection } from '../rawConnection';
import { listening, overSocket, serveRunners, throughInject, type Ask } from '../serveRunners';

class Value {
  @IsNumber() value!: number;
}
class Upload {
  @IsFile() file!: UploadedFile;
}

@Runner({ name: 'doubler' })
class Doubler {
  @Predict({ input: Value, output: Value }) predict(_model: unknown, { value }: Value): Value {
    return { value: value * 2 };
  }
}
@Runner({ name: 'files' })
class Files {
  @Predict({ input: Upload, output: Unvalidated }) predict(_model: unknown, { file }: Upload): unknown {
    return file.size;
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

const open = async (prepare: (app: FastifyInstance) => void = () => undefined): Promise<[string, Ask][]> => {
  const { app } = await serveRunners([Doubler, Files]);
  prepare(app);
  const url = await listening(app);
  return [
    ['inject', throughInject(app)],
    ['a socket', overSocket(url)],
  ];
};

describe('Content-Encoding', () => {
  it.each([
    ['Identity', 200],
    ['GZIP', 200],
    [' x-gzip ', 200],
    ['Deflate', 200],
    ['br', 415],
    ['constructor', 415],
    ['__proto__', 415],
    ['', 415],
  ])('"%s" is %i', async (encoding, status) => {
    const text = Buffer.from('{"value":2}');
    const body = /gzip/i.test(encoding)
      ? gzipSync(text)
      : /deflate/i.test(encoding)
        ? deflateSync(text)
        : text;
    for (const [way, ask] of await open()) {
      const answer = await ask('/models/doubler/predict', {
        headers: { ...JSON_TYPE, 'content-encoding': encoding },
        body,
      });
      expect(answer.status, way).toBe(status);
      if (status === 200) expect(JSON.parse(answer.body.toString())).toEqual({ value: 4 });
    }
  });
});

it.each(['/models/doubler/predict', '/v2/models/doubler/infer', '/v2/models/doubler/generate'])(
  'JSON that is not UTF-8 is refused by %s',
  async (path) => {
    for (const [way, ask] of await open()) {
      const body = Buffer.from('{"value":2,"id":"\xe9"}', 'latin1');
      const answer = await ask(path, { headers: JSON_TYPE, body });
      expect(answer.status, way).toBe(400);
      expect(JSON.parse(answer.body.toString()), way).toMatchObject({
        issues: [{ constraint: 'json', received: 'bytes' }],
      });
    }
  },
);

describe('a deadline', () => {
  const LIMIT = 'x-request-timeout-ms: 100\r\n';
  const FORM =
    'POST /models/files/predict HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\n';
  const FILE = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc';
  const predict = '/models/doubler/predict';

  it.each([
    ['JSON of known length', post(predict, '{"va', { length: 11, headers: LIMIT })],
    ['JSON of which nothing came', post(predict, '', { length: 11, headers: LIMIT })],
    ['JSON in chunks', post(predict, '', { chunked: true, headers: LIMIT }) + chunk('{"va')],
    ['infer', post('/v2/models/doubler/infer', '{"in', { length: 50, headers: LIMIT })],
    ['a form', `${FORM}${LIMIT}content-length: 200\r\n\r\n${FILE}`],
    ['a form, by the standard of its model', `${FORM}content-length: 200\r\n\r\n${FILE}`],
  ])('holds while the body of %s arrives, and frees its place', async (_, request) => {
    const { app } = await serveRunners([
      [Doubler, { queue: 0, concurrency: 1 }],
      [Files, { queue: 0, concurrency: 1, timeout: 100 }],
    ]);
    const url = await listening(app);
    const path = /POST (\S+)/.exec(request)?.[1] as string;
    const { ended } = await rawConnection(url, request);
    const answer = await ended;
    expect(answer).toMatch(/^HTTP\/1.1 504 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('"code":"RW_DEADLINE"');
    const next = await overSocket(url)(path, { headers: JSON_TYPE, body: '{"value":2}' });
    expect(next.status).not.toBe(429);
  });

  it('that has not passed leaves a slow body alone', async () => {
    const { app } = await serveRunners([Doubler]);
    const url = await listening(app);
    const headers = 'x-request-timeout-ms: 60000\r\nconnection: close\r\n';
    const { socket, ended } = await rawConnection(url, post(predict, '{"va', { length: 11, headers }));
    setTimeout(() => socket.write('lue":2}'), 50);
    expect(await ended).toMatch(/^HTTP\/1.1 200 [^]*\{"value":4\}$/);
  });
});

describe('parsers that the program adds', () => {
  /** As @fastify/formbody does, and one that takes whatever is left. */
  const addParsers = (app: FastifyInstance): void => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, { parsed: JSON.parse(body as string) as unknown }),
    );
    app.addContentTypeParser(/^image\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body.length));
    app.post('/own', (request) => ({ got: request.body }));
  };

  it.each([
    ['/models/doubler/predict', 'application/json', 200],
    ['/models/doubler/predict', 'application/json; charset=UTF-8', 200],
    ['/models/doubler/predict', 'application/vnd.own+json', 200],
    ['/models/doubler/predict', 'application/x-www-form-urlencoded', 415],
    ['/models/doubler/predict', 'image/png', 415],
    ['/v2/models/doubler/infer', 'application/x-www-form-urlencoded', 200],
    ['/v2/models/doubler/infer', 'application/octet-stream', 200],
    ['/v2/models/doubler/infer', 'no type', 200],
    ['/v2/models/other/infer', 'application/json', 404],
    ['/nowhere', 'application/json', 404],
    ['/nowhere', 'a/b', 404],
  ])('leave the bodies of %s (%s) alone', async (path, type, status) => {
    const inputs = [{ name: 'value', datatype: 'FP64', shape: [1], data: [2] }];
    const body = JSON.stringify(path.startsWith('/v2') ? { inputs } : { value: 2 });
    const sent = path === '/nowhere' ? '{' : body;
    for (const [way, ask] of await open(addParsers)) {
      const answer = await ask(path, { headers: { 'content-type': type }, body: sent });
      expect(`${answer.status} ${answer.body.toString()}`, way).toMatch(new RegExp(`^${status} `));
    }
  });

  it('leave forms alone, and get the bodies of its own routes', async () => {
    for (const [way, ask] of await open(addParsers)) {
      const form = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--x--\r\n';
      const type = 'multipart/form-data; boundary=x';
      const sum = await ask('/models/files/predict', { headers: { 'content-type': type }, body: form });
      expect(sum.body.toString(), way).toBe('3');
      const own = async (contentType: string, body: string): Promise<unknown> =>
        JSON.parse((await ask('/own', { headers: { 'content-type': contentType }, body })).body.toString());
      expect(await own('application/x-www-form-urlencoded', 'a=1'), way).toEqual({ got: { a: '1' } });
      expect(await own('application/json', '[1]'), way).toEqual({ got: { parsed: [1] } });
      expect(await own('a/b', 'abc'), way).toEqual({ got: 3 });
    }
  });

  it('hooks see the headers as they came', async () => {
    const seen: unknown[] = [];
    const ways = await open((app) => {
      for (const hook of ['onRequest', 'preValidation', 'preHandler'] as const) {
        app.addHook(hook, (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
          seen.push(request.headers['content-type']);
          done();
        });
      }
    });
    for (const [, ask] of ways) {
      const { status } = await ask('/models/doubler/predict', { headers: JSON_TYPE, body: '{"value":1}' });
      expect(status).toBe(200);
    }
    expect(seen).toEqual(Array(6).fill('application/json'));
  });
});

it('routes of the program are an ordinary Fastify instance’s', async () => {
  const ways = await open((app) => app.post('/own', (request) => ({ got: request.body })));
  for (const [way, ask] of ways) {
    const text = await ask('/own', { headers: { 'content-type': 'text/plain' }, body: 'abc' });
    expect(JSON.parse(text.body.toString()), way).toEqual({ got: 'abc' });
    const json = await ask('/own', { headers: JSON_TYPE, body: '{"a":1}' });
    expect(JSON.parse(json.body.toString()), way).toEqual({ got: { a: 1 } });
    const other = await ask('/own', { headers: { 'content-type': 'a/b' }, body: 'abc' });
    expect(other.status, way).toBe(415);
    expect(JSON.parse(other.body.toString()), way).toMatchObject({ code: 'RW_REQUEST_INVALID' });
  }
});
