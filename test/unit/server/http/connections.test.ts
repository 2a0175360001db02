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
