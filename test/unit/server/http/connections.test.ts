import 'reflect-metadata';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import type { RunContext } from '../../../../src/metadata/contexts';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import { chunk, post, rawConnection } from '../rawConnection';
import { listening, overSocket, serveRunners, throughInject } from '../serveRunners';

const json = { 'content-type': 'application/json' };

@Runner({ name: 'echo' })
class Echo {
  @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, value: unknown): unknown {
    return value;
  }
}

describe('a client that leaves', () => {
  it('calls off every request that it has pipelined', async () => {
    let began = 0;
    let stopped = 0;
    @Runner({ name: 'waiter' })
    class Waiter {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, value: unknown, { signal }: RunContext): Promise<unknown> {
        if (value === 'now') return value;
        began += 1;
        await once(signal, 'abort');
        stopped += 1;
        return value;
      }
    }
    const { app } = await serveRunners([[Waiter, { concurrency: 3, queue: 0 }]]);
    const url = await listening(app);
    const { socket } = await rawConnection(url, post('/predict', '1').repeat(3));
    await expect.poll(() => began).toBe(3);
    socket.destroy();
    await expect.poll(() => stopped).toBe(3);
    expect((await overSocket(url)('/predict', { headers: json, body: '"now"' })).status).toBe(200);
  });

  it('while a hook of the program is at work leaves its place to others', async () => {
    const { app } = await serveRunners([[Echo, { queue: 0, concurrency: 1 }]]);
    let began = 0;
    app.addHook('onRequest', async () => {
      began += 1;
      await sleep(30);
    });
    const url = await listening(app);
    for (const length of [1, 2]) {
      const { socket } = await rawConnection(url, post('/predict', '1', { length }));
      await expect.poll(() => began, { interval: 1 }).toBe(length);
      socket.destroy();
      await sleep(60);
    }
    expect((await overSocket(url)('/predict', { headers: json, body: '1' })).status).toBe(200);
  });

  it('ends every stream that it has pipelined', async () => {
    let began = 0;
    let stopped = 0;
    @Runner({ name: 'endless' })
    class Endless {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *predict(): AsyncGenerator<number> {
        began += 1;
        try {
          for (;;) {
            await sleep(1);
            yield 1;
          }
        } finally {
          stopped += 1;
        }
      }
    }
    const { app } = await serveRunners([[Endless, { concurrency: 2, queue: 0 }]]);
    const url = await listening(app);
    const { socket } = await rawConnection(url, post('/predict', '1').repeat(2));
    await expect.poll(() => began).toBe(2);
    socket.destroy();
    await expect.poll(() => stopped).toBe(2);
  });

  it('that takes nothing of its stream is cut off, and its place is free', async () => {
    let stopped = false;
    @Runner({ name: 'large' })
    class Large {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async *predict(_model: unknown, count: unknown): AsyncGenerator<string> {
        try {
          for (let n = 0; n < (count as number); n++) {
            await sleep(0);
            yield 'x'.repeat(100_000);
          }
        } finally {
          if (count !== 1) stopped = true;
        }
      }
    }
    const { app } = await serveRunners([[Large, { concurrency: 1, queue: 0 }]], { sendTimeout: 200 });
    const url = await listening(app);
    const { socket, ended } = await rawConnection(url);
    socket.pause();
    socket.write(post('/predict', '1000000'));
    await expect.poll(() => stopped, { timeout: 5_000 }).toBe(true);
    socket.resume();
    expect(await ended).not.toContain('"end"');
    const again = await overSocket(url)('/predict', { headers: json, body: '1' });
    expect(again.body.toString()).toMatch(/\{"end":\{"items":1\}\}\n$/);
  });

  it('but a stream may be silent for longer than that', async () => {
    @Runner({ name: 'slow' })
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *predict(): AsyncGenerator<number> {
        yield 1;
        await sleep(250);
        yield 2;
      }
    }
    const { app } = await serveRunners([Slow], { sendTimeout: 50 });
    const { body } = await overSocket(await listening(app))('/predict', { headers: json, body: '1' });
    expect(body.toString()).toMatch(/\{"end":\{"items":2\}\}\n$/);
  });
});

describe('a server that closes', () => {
  it.each([false, true])('answers a request whose body is still arriving (chunked: %s)', async (chunked) => {
    const { app } = await serveRunners([Echo]);
    const url = await listening(app);
    const { socket, ended } = await rawConnection(url, post('/predict', '[1,', { length: 5, chunked }));
    await sleep(20);
    const closed = app.close();
    await sleep(400);
    socket.write(chunked ? `${chunk('2]')}0\r\n\r\n` : '2]');
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toMatch(/\r\n\r\n\[1,2\]$/);
    await closed;
  });

  it('answers every client that has connected, however few the loop accepts in a turn', async () => {
    const { app } = await serveRunners([Echo]);
    const url = await listening(app);
    const closed = app.close();
    await sleep(20);
    const text = post('/predict', '1');
    const clients = Promise.all(Array.from({ length: 100 }, () => rawConnection(url, text)));
    await new Promise(setImmediate);
    // Until the server is about to stop listening, nothing is accepted.
    const end = performance.now() + 150;
    while (performance.now() < end);
    const answers = await Promise.all((await clients).map(({ ended }) => ended));
    expect(answers.filter((answer) => !/^HTTP\/1\.1 200 .*connection: close/is.test(answer))).toEqual([]);
    await closed;
  });

  it.each([
    ['before Fastify', {}],
    ['by Fastify', { chunked: true }],
  ])('tells a client that waits for its answer that the connection ends (%s)', async (_, framing) => {
    let begin = (): void => undefined;
    const began = new Promise<void>((resolve) => (begin = resolve));
    @Runner({ name: 'slow' })
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated }) async predict(): Promise<number> {
        begin();
        await sleep(300);
        return 1;
      }
    }
    const { app } = await serveRunners([Slow]);
    const text = `${post('/predict', '1', framing)}${'chunked' in framing ? '0\r\n\r\n' : ''}`;
    const { ended } = await rawConnection(await listening(app), text);
    await began;
    await app.close();
    const answer = await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.match(/^connection: .*$/gim)).toEqual(['connection: close']);
  });

  it.each([
    ['requestTimeout', { requestTimeout: 300 }],
    ['closeTimeout', { closeTimeout: 300 }],
  ])('waits no longer than `%s` for it', async (_, options) => {
    const { app } = await serveRunners([Echo], options);
    const url = await listening(app);
    const { ended } = await rawConnection(url, post('/predict', '[1,', { length: 5 }));
    await sleep(20);
    const begin = performance.now();
    await app.close();
    await ended;
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('every answer', () => {
  it('says the id of its request, the one that came or a new one', async () => {
    const { app } = await serveRunners([Echo], { bodyLimit: 100 });
    const url = await listening(app);
    for (const ask of [throughInject(app), overSocket(url)]) {
      for (const [path, body, status] of [
        ['/predict', '1', 200],
        ['/predict', '{', 400],
        ['/predict', `"${'x'.repeat(200)}"`, 413],
        ['/nowhere', '1', 404],
        ['/%ff', '1', 400],
      ] as const) {
        const given = await ask(path, { headers: { ...json, 'x-request-id': 'mine-1' }, body });
        expect([given.status, given.headers['x-request-id']], path).toEqual([status, 'mine-1']);
        for (const headers of [json, { ...json, 'x-request-id': '' }]) {
          const made = await ask(path, { headers, body });
          expect(made.headers['x-request-id'], path).toMatch(/^[\w-]{8}-\w+$/);
        }
      }
    }
  });

  it('is JSON also to an `Expect` that the server does not know', async () => {
    const { app } = await serveRunners([Echo]);
    const url = await listening(app);
    const { ended } = await rawConnection(url, post('/predict', '1', { headers: 'expect: foo\r\n' }));
    const text = await ended;
    expect(text).toMatch(/^HTTP\/1\.1 417 /);
    expect(text).toMatch(/\r\nx-request-id: \S+\r\n/);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual({
      error: expect.any(String) as string,
      code: 'RW_REQUEST_INVALID',
      issues: [],
    });
    const body = post('/predict', '1', { headers: 'expect: 100-continue\r\n' });
    const continued = await rawConnection(url, body);
    await expect.poll(continued.received).toMatch(/^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /s);
  });

  it.each([
    ['too large', { bodyLimit: 100 }, '/predict', 413],
    ['to nowhere', {}, '/nowhere', 404],
  ])('asks for no body of a request that is refused by its head (%s)', async (_, options, path, status) => {
    const { app } = await serveRunners([Echo], options);
    const head = post(path, '', { length: 1_000, headers: 'expect: 100-continue\r\n' });
    const { received } = await rawConnection(await listening(app), head);
    await expect.poll(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('asks for the body of a request that is taken, once', async () => {
    const { app } = await serveRunners([Echo]);
    app.post('/own', ({ body }, reply) => reply.send({ body }));
    const url = await listening(app);
    for (const [path, chunked] of [
      ['/predict', false],
      ['/predict', true],
      ['/own', false],
    ] as const) {
      const options = { length: 3, chunked, headers: 'expect: 100-continue\r\n' };
      const { received, socket } = await rawConnection(url, post(path, '', options));
      await expect.poll(received).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      socket.write(chunked ? `${chunk('[1]')}0\r\n\r\n` : '[1]');
      await expect.poll(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*\[1\]\}?$/);
    }
  });

  it.each([
    ['without a `Host`', 'POST /predict HTTP/1.1\r\ncontent-length: 1\r\n\r\n1', 400, /`Host`/],
    ['without a `Host` on another door', 'GET /v2 HTTP/1.1\r\n\r\n', 400, /`Host`/],
    ['to CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', 405, /CONNECT/],
  ])('is JSON also to a request %s', async (_, request, status, message) => {
    const { app } = await serveRunners([Echo]);
    const { ended } = await rawConnection(await listening(app), request);
    const text = await ended;
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*\r\nconnection: close\r\n`, 'is'));
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual({
      error: expect.stringMatching(message) as string,
      code: 'RW_REQUEST_INVALID',
      issues: [],
    });
  });

  it('needs no `Host` of HTTP/1.0', async () => {
    const { app } = await serveRunners([Echo]);
    const text = post('/predict', '7').replace('HTTP/1.1', 'HTTP/1.0').replace('host: a\r\n', '');
    const { ended } = await rawConnection(await listening(app), text);
    expect(await ended).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\n7$/s);
  });

  it.each([
    ['no HTTP', 'garbage\r\n\r\n', 400],
    ['a CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', 405],
    ['a request without a `Host`', 'GET /v2 HTTP/1.1\r\n\r\n', 400],
    ['a body that breaks off', `${post('/predict', '', { chunked: true })}zz\r\n`, 400],
  ])('comes in the order of the requests, when %s follows', async (_, broken, status) => {
    @Runner({ name: 'slow' })
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, time: number): Promise<number> {
        await sleep(time);
        return time;
      }
    }
    const { app } = await serveRunners([[Slow, { concurrency: 2 }]]);
    const requests = post('/predict', '100') + post('/predict', '50') + broken;
    const { ended, socket } = await rawConnection(await listening(app), requests);
    await sleep(50);
    socket.write('more of it\r\n\r\n');
    const text = await ended;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 200, status].map((code) => `HTTP/1.1 ${code}`));
    expect(text).toMatch(/\r\n\r\n100HTTP.*\r\n\r\n50HTTP/s);
  });

  it('is the same for names of any length', async () => {
    const name = 'n'.repeat(300);
    const { app } = await serveRunners([[Echo, { name }]]);
    const url = await listening(app);
    for (const ask of [throughInject(app), overSocket(url)]) {
      expect((await ask(`/models/${name}/predict`, { headers: json, body: '1' })).status).toBe(200);
      expect((await ask(`/models/${name}/predict?x`, { headers: json, body: '1' })).status).toBe(200);
    }
  });
});
