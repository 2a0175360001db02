import 'reflect-metadata';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { IsInt, IsNumber, Max } from 'class-validator';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Predict } from '../../../src/decorators/Predict';
import { Runner } from '../../../src/decorators/Runner';
import { createRunner } from '../../../src/lifecycle/createRunner';
import type { RunnerHandle } from '../../../src/lifecycle/RunnerHandle';
import type { RunContext } from '../../../src/metadata/contexts';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { createServer, type ServerOptions } from '../../../src/server';

class Input {
  @IsNumber() value!: number;
}
class Output {
  @IsInt() @Max(100) result!: number;
}

@Runner({ name: 'doubler' })
class Doubler {
  @Predict({ input: Input, output: Output }) predict(_model: unknown, { value }: Input): Output {
    if (value === 13) throw new Error('secret of the model: 4711');
    return { result: value * 2 };
  }
}

@Runner({ name: 'echo' })
class Echo {
  @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, value: unknown) {
    return value;
  }
}

@Runner({ name: 'counter' })
class Counter {
  @Predict({ input: Unvalidated, output: Output }) async *predict(_model: unknown, value: unknown) {
    for (let result = 1; result <= (value as number); result++) {
      await Promise.resolve();
      if (result === 5) throw new Error('secret of the model: 4711');
      yield { result };
    }
  }
}

const errors: unknown[][] = [];
const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (...args: unknown[]) => void errors.push(args),
};

const serve = async (
  runners: (new () => object)[],
  options: ServerOptions = {},
): Promise<{ app: FastifyInstance; handles: RunnerHandle[] }> => {
  const handles = await Promise.all(runners.map((runner) => createRunner(runner)));
  const app = await createServer(handles, options);
  onTestFinished(async () => {
    await app.close();
    await Promise.all(handles.map((handle) => handle.close()));
  });
  return { app, handles };
};

const predict = (app: FastifyInstance, payload: unknown, url = '/predict') =>
  app.inject({ method: 'POST', url, payload: payload as object });

const deferred = <T>() => {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
};

/** A connection on which `text` has been sent, and all that comes until it ends. */
const open = async (port: number, text: string) => {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  await once(socket, 'connect');
  socket.write(text);
  return { ended };
};

const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));

const echoOnce = (port: number, agent: Agent) =>
  new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = { port, host: '127.0.0.1', method: 'POST', path: '/predict', agent, headers };
    const request = httpRequest(options, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection }),
      );
    });
    request.once('error', reject);
    request.end('1');
  });

/** The one form of errors. */
const errorBody = (code: string) => ({ error: expect.any(String) as string, code, issues: [] });

describe('POST /predict', () => {
  it('answers with the output', async () => {
    const { app } = await serve([Doubler]);
    const response = await predict(app, { value: 21 });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(response.json()).toEqual({ result: 42 });
  });

  it.each([['"text"'], ['null'], ['0'], ['false'], ['[1,{"a":null}]']])(
    'takes and gives back the JSON value %s',
    async (text) => {
      const { app } = await serve([Echo]);
      const headers = { 'content-type': 'application/json' };
      const response = await app.inject({ method: 'POST', url: '/predict', headers, payload: text });
      expect(response.statusCode).toBe(200);
      expect(response.body).toBe(text);
    },
  );

  it('names every fault of the input, and no value', async () => {
    const { app } = await serve([Doubler]);
    const response = await predict(app, { value: 'private', other: 1 });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({
      error: expect.any(String) as string,
      code: 'RW_INPUT_INVALID',
      issues: expect.arrayContaining([
        expect.objectContaining({ path: 'value', constraint: 'isNumber', received: 'string' }),
        expect.objectContaining({ path: 'other' }),
      ]) as unknown,
    });
    expect(response.body).not.toContain('private');
  });

  it.each([
    ['a body that is not JSON', '{"value":', 'application/json', 400, 'RW_INPUT_INVALID'],
    ['a key that changes prototypes', '{"__proto__":{"x":1}}', 'application/json', 400, 'RW_INPUT_INVALID'],
    ['an empty body', '', 'application/json', 400, 'RW_INPUT_INVALID'],
    ['text', 'value=1', 'text/plain', 415, 'RW_REQUEST_INVALID'],
    ['a form', 'value=1', 'application/x-www-form-urlencoded', 415, 'RW_REQUEST_INVALID'],
    [
      'a body beyond the limit',
      JSON.stringify('x'.repeat(2000)),
      'application/json',
      413,
      'RW_REQUEST_INVALID',
    ],
  ])('refuses %s', async (_, payload, type, status, code) => {
    const { app } = await serve([Doubler], { bodyLimit: 1000 });
    const response = await app.inject({
      method: 'POST',
      url: '/predict',
      headers: { 'content-type': type },
      payload,
    });
    expect(response.statusCode).toBe(status);
    const { error, issues, ...rest } = response.json<{ error: string; issues: unknown[] }>();
    expect(rest).toEqual({ code });
    expect(error).not.toBe('');
    expect(Array.isArray(issues)).toBe(true);
  });

  it('a key that changes prototypes is told as that, and harmless where nothing is validated', async () => {
    const { app } = await serve([Doubler, Echo]);
    const headers = { 'content-type': 'application/json' };
    const post = (name: string, payload: string) =>
      app.inject({ method: 'POST', url: `/models/${name}/predict`, headers, payload });
    const payload = '{"value":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const refused = await post('doubler', payload);
    expect(refused.statusCode).toBe(400);
    expect(refused.json<{ issues: object[] }>().issues).toContainEqual(
      expect.objectContaining({ path: '__proto__', constraint: 'forbiddenKey' }),
    );
    expect((await post('echo', payload)).body).toBe(payload);
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('secret')],
    ['a bigint', 4711n],
    ['an object with a bigint', { a: 4711n }],
  ])('an output that is %s is a failure of the runner', async (_, output: unknown) => {
    errors.length = 0;
    @Runner({ name: 'odd' })
    class Odd {
      @Predict({ input: Unvalidated, output: Unvalidated }) predict(): unknown {
        return output;
      }
    }
    const { app } = await serve([Odd], { logger });
    const response = await predict(app, {});
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual(errorBody('RW_OUTPUT_INVALID'));
    expect(errors[0]?.[1]).toMatchObject({ where: 'Odd.predict', issues: [{ constraint: 'json' }] });
  });

  it('refuses a request without a body', async () => {
    const { app } = await serve([Echo]);
    const response = await app.inject({ method: 'POST', url: '/predict' });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'RW_INPUT_INVALID' });
  });

  it.each([
    ['a stage that throws', 13, 'RW_STAGE_FAILED'],
    ['an output that is not valid', 77, 'RW_OUTPUT_INVALID'],
  ])('tells of %s by its code alone, and the logger the rest', async (_, value, code) => {
    errors.length = 0;
    const { app } = await serve([Doubler], { logger });
    const response = await predict(app, { value });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual(errorBody(code));
    expect(response.body).not.toMatch(/4711|154|Doubler/);
    expect(errors).toEqual([[expect.stringContaining('doubler'), expect.objectContaining({ code })]]);
  });

  it('fires the signal of the stages when the client leaves', async () => {
    const seen = deferred<string>();
    const started = deferred<void>();
    @Runner({ name: 'waiter' })
    class Waiter {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, _input: unknown, { signal }: RunContext) {
        started.resolve();
        await once(signal, 'abort');
        seen.resolve('aborted');
        return 1;
      }
    }
    const { app } = await serve([Waiter]);
    await app.listen({ port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const request = httpRequest({
      port,
      method: 'POST',
      path: '/predict',
      headers: { 'content-type': 'application/json' },
    });
    request.on('error', () => undefined);
    request.end('1');
    await started.promise;
    request.destroy();
    expect(await seen.promise).toBe('aborted');
  });
});

describe('a streaming runner', () => {
  const linesOf = (body: string): unknown[] =>
    body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  it('answers with a line for each item, and one that says the end', async () => {
    const { app } = await serve([Counter]);
    const response = await predict(app, 2);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/x-ndjson/);
    expect(linesOf(response.body)).toEqual([
      { item: { result: 1 } },
      { item: { result: 2 } },
      { end: { items: 2 } },
    ]);
  });

  it('ends with the error where it breaks off', async () => {
    const { app } = await serve([Counter], { logger });
    const response = await predict(app, 9);
    expect(response.statusCode).toBe(200);
    expect(linesOf(response.body).at(-1)).toEqual(errorBody('RW_STAGE_FAILED'));
    expect(linesOf(response.body)).toHaveLength(5);
    expect(response.body).not.toContain('4711');
  });
});

describe('the other routes', () => {
  it('/healthz answers always, /readyz while every handle takes input', async () => {
    const { app, handles } = await serve([Doubler, Echo]);
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/readyz');
    expect(ready.statusCode).toBe(200);
    await handles[1]?.close();
    const closed = await app.inject('/readyz');
    expect(closed.statusCode).toBe(503);
    expect(closed.json()).toMatchObject({ ...errorBody('RW_HANDLE_STATE') });
    expect((await predict(app, 1, '/models/echo/predict')).statusCode).not.toBe(200);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('a handle that takes no input is 503', async () => {
    const { app, handles } = await serve([Doubler]);
    await handles[0]?.close();
    const response = await predict(app, { value: 1 });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual(errorBody('RW_HANDLE_STATE'));
  });

  it('several runners are told apart by their names', async () => {
    const { app } = await serve([Doubler, Echo]);
    expect((await predict(app, { value: 2 }, '/models/doubler/predict')).json()).toEqual({ result: 4 });
    expect((await predict(app, { a: 1 }, '/models/echo/predict')).json()).toEqual({ a: 1 });
    const response = await predict(app, { a: 1 });
    expect(response.statusCode).toBe(404);
    expect(response.json<{ error: string }>().error).toContain('/models/echo/predict');
  });

  it.each([
    ['GET', '/predict', 405, 'POST'],
    ['DELETE', '/predict?x=1', 405, 'POST'],
    ['POST', '/healthz', 405, 'GET'],
    ['GET', '/nothing', 404, undefined],
    ['POST', '/models/other/predict', 404, undefined],
    ['GET', '/%ff', 400, undefined],
  ] as const)('%s %s is refused in the form of all errors', async (method, url, status, allow) => {
    const { app } = await serve([Doubler]);
    const response = await app.inject({ method, url });
    expect(response.statusCode).toBe(status);
    expect(response.headers.allow).toBe(allow);
    expect(response.json()).toEqual(errorBody('RW_REQUEST_INVALID'));
  });

  it('while it closes, running work is finished and new work is refused', async () => {
    const gate = deferred<void>();
    const started = deferred<void>();
    @Runner({ name: 'slow' })
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated }) async predict(_model: unknown, value: unknown) {
        started.resolve();
        await gate.promise;
        return value;
      }
    }
    const { app } = await serve([Slow]);
    const url = await app.listen({ port: 0 });
    const running = fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '7',
    });
    await started.promise;
    const closed = app.close();
    gate.resolve();
    expect(await (await running).json()).toBe(7);
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('ends a connection whose request does not arrive whole', async () => {
    const { app } = await serve([Echo], { requestTimeout: 500 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const halves = [
      '',
      'POST /predict HT',
      'POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n[1,',
    ];
    const sockets = await Promise.all(halves.map((text) => open(port, text)));
    // So that the halves have come.
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    const ends = sockets.map(({ ended }) => ended);
    await app.close();
    await Promise.all(ends);
  });

  it.each([
    ['is answered in the form of all errors', 'application/json', 408],
    ['is not answered a second time', 'text/plain', 415],
  ])('a request that is late %s', async (_, type, status) => {
    const { app } = await serve([Echo], { requestTimeout: 50 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const head = `POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 9\r\n\r\n`;
    const { ended } = await open(port, `${head}[`);
    const text = await ended;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
    expect(bodyOf(text)).toEqual(errorBody('RW_REQUEST_INVALID'));
  });

  it.each([
    ['no HTTP', 'garbage\r\n\r\n', 400],
    ['a length that is no number', 'POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n', 400],
    ['headers of 20 kB', `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s is answered in the form of all errors', async (_, text, status) => {
    const { app } = await serve([Echo]);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { ended } = await open((app.server.address() as AddressInfo).port, text);
    const answer = await ended;
    expect(answer.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
    expect(bodyOf(answer)).toEqual(errorBody('RW_REQUEST_INVALID'));
  });

  it('closing resets no request of connections that are in use', async () => {
    const { app } = await serve([Echo]);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    let answered = 0;
    const warm = deferred<void>();
    const busy = async (): Promise<string> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        for (;;) {
          const { status, connection } = await echoOnce(port, agent);
          expect(status).toBe(200);
          answered += 1;
          if (answered === 200) warm.resolve();
          if (connection === 'close') return 'told';
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        agent.destroy();
      }
    };
    const clients = Array.from({ length: 20 }, busy);
    await warm.promise;
    const [told] = await Promise.all([Promise.all(clients), app.close()]);
    expect(told).toEqual(Array(20).fill('told'));
  });

  it('work that takes too long is called off when the server closes', async () => {
    const started = deferred<void>();
    const seen = deferred<string>();
    @Runner({ name: 'endless' })
    class Endless {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, _input: unknown, { signal }: RunContext) {
        started.resolve();
        await once(signal, 'abort');
        seen.resolve('aborted');
        return 1;
      }
    }
    const { app } = await serve([Endless], { closeTimeout: 300 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const answer = echoOnce(port, new Agent());
    await started.promise;
    await app.close();
    expect(await answer).toEqual({ status: 503, connection: 'close' });
    expect(await seen.promise).toBe('aborted');
  });

  it('refuses to be made for nothing, and for two of one name', async () => {
    await expect(createServer([])).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    const handle = await createRunner(Echo);
    await expect(createServer([handle, handle])).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      what: expect.stringContaining('echo') as string,
    });
  });

  it.each([
    ['a promise', () => createRunner(Echo), /Await/],
    ['a promise as a handle', () => ({ handle: createRunner(Echo) }), /Await/],
    ['a class', () => Echo, /createRunner/],
  ])('says what to do with %s', async (_, make, hint) => {
    for (const served of [make(), [make()]]) {
      const refusal = createServer(served as never);
      await expect(refusal).rejects.toMatchObject({
        code: 'RW_OPTION_INVALID',
        hint: expect.stringMatching(hint) as string,
      });
    }
  });

  it('/predict names the versions when there are several of one model', async () => {
    const handle = await createRunner(Echo);
    const versions = [1, 2].map((version) => ({ handle, version }));
    const app = await createServer(versions);
    const answer = await predict(app, 1);
    expect(answer.statusCode).toBe(404);
    expect(answer.json<{ error: string }>().error).toBe(
      'this server has several versions of its model. There is POST /models/echo/predict for the newest, ' +
        'and POST /models/echo/versions/2/predict, POST /models/echo/versions/1/predict',
    );
    await app.close();
  });

  it.each([
    ['queue', -1],
    ['queue', NaN],
    ['queue', 1.5],
    ['timeout', -5],
    ['timeout', 0],
    ['timeout', '5'],
    ['sendTimeout', -1],
    ['requestTimeout', 'a'],
    ['connectionTimeout', 2 ** 31],
    ['closeTimeout', -1],
    ['closeTimeout', Infinity],
    ['bodyLimit', 'x'],
    ['bodyLimit', 0],
    ['fileLimit', null],
    ['uploadDirectory', 5],
    ['logger', 'none'],
    ['queu', 3],
  ])('refuses the option %s: %j', async (key, value) => {
    const handle = await createRunner(Echo);
    const refusal: unknown = await createServer(handle, { [key]: value }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'RW_OPTION_INVALID' });
    expect((refusal as Error).message).toContain(`\`${key}\``);
  });

  it.each([
    ['timeout', -5],
    ['timeout', NaN],
    ['queue', -1],
    ['concurrency', 0],
    ['version', 1.5],
  ])('refuses the option %s: %j of a model', async (key, value) => {
    const handle = await createRunner(Echo);
    await expect(createServer({ handle, [key]: value })).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      what: `\`${key}\` of "echo" is ${value}`,
    });
  });

  it('a model may have no limit where the others have one', async () => {
    @Runner({ name: 'slow' })
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated }) async predict(): Promise<number> {
        await new Promise((resolve) => setTimeout(resolve, 60));
        return 1;
      }
    }
    const handle = await createRunner(Slow);
    const served = [
      { handle, name: 'patient', timeout: Infinity },
      { handle, name: 'hasty' },
    ];
    const app = await createServer(served, { timeout: 20 });
    expect((await predict(app, 1, '/models/patient/predict')).statusCode).toBe(200);
    expect((await predict(app, 1, '/models/hasty/predict')).statusCode).toBe(504);
  });
});
