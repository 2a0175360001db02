import 'reflect-metadata';
import type { FastifyInstance } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import type { RunContext } from '../../../../src/metadata/contexts';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import { post, rawConnection } from '../rawConnection';
import { listening, overSocket, serveRunners, throughInject, type Ask } from '../serveRunners';

const headers = { 'content-type': 'application/json' };

let began = 0;
let stopped = 0;

/** Waits as many milliseconds as it is given; a negative time cannot be called off. */
@Runner({ name: 'slow' })
class Slow {
  @Predict({ input: Unvalidated, output: Unvalidated })
  async predict(_model: unknown, time: unknown, { signal }: RunContext): Promise<unknown> {
    began += 1;
    const wait = time as number;
    await sleep(Math.abs(wait), undefined, wait < 0 ? {} : { signal }).catch((error: unknown) => {
      stopped += 1;
      throw error;
    });
    return wait;
  }
}

@Runner({ name: 'count' })
class Count {
  @Predict({ input: Unvalidated, output: Unvalidated }) async *predict(): AsyncGenerator<number> {
    for (let n = 0; n < 1_000; n++) {
      yield n;
      await sleep(10);
    }
  }
}

const DOORS: readonly (readonly [string, (app: FastifyInstance) => Promise<Ask>])[] = [
  ['inject', (app) => Promise.resolve(throughInject(app))],
  ['a socket', async (app) => overSocket(await listening(app))],
];

describe.each(DOORS)('a server that closes answers what came through %s', (_, door) => {
  it('when it has run', async () => {
    const { app } = await serveRunners([Slow]);
    const ask = await door(app);
    const before = began;
    let answered: number | undefined;
    const asked = ask('/predict', { headers, body: '300' }).then(({ status }) => (answered = status));
    await expect.poll(() => began).toBe(before + 1);
    await app.close();
    expect(answered ?? (await asked)).toBe(200);
  });

  it.each(['60000', '-2000'])('with 503 when its time is over, also what waits (%s)', async (body) => {
    const { app } = await serveRunners([[Slow, { concurrency: 1 }]], { closeTimeout: 200 });
    const ask = await door(app);
    const [runs, stops] = [began, stopped];
    const asked = [1, 2, 3].map(() => ask('/predict', { headers, body }));
    await expect.poll(() => began).toBe(runs + 1);
    const start = performance.now();
    await app.close();
    for (const { status, body } of await Promise.all(asked)) {
      expect(status).toBe(503);
      expect(JSON.parse(body.toString())).toMatchObject({ code: 'RW_ABORTED', issues: [] });
    }
    expect(performance.now() - start).toBeLessThan(1_200);
    expect([began, stopped]).toEqual([runs + 1, stops + (body.startsWith('-') ? 0 : 1)]);
  });

  it.each([
    ['/models/count/predict', {}, /\n\{"error":.*"code":"RW_ABORTED".*\}\n$/],
    ['/models/count/predict', { accept: 'text/event-stream' }, /\n\nevent: error\ndata: .*RW_ABORTED.*\n\n$/],
    ['/v2/models/count/generate_stream', {}, /\n\ndata: .*RW_ABORTED.*\n\n$/],
  ])('with an error at the end of a stream (%s %o)', async (path, more, end) => {
    const { app } = await serveRunners([Count], { closeTimeout: 200 });
    const ask = await door(app);
    const asked = ask(path, { headers: { ...headers, ...more }, body: '{"text_input":1}' });
    await sleep(50);
    await app.close();
    const text = (await asked).body.toString();
    expect(text).toMatch(end);
    expect(text.match(/RW_ABORTED/g)).toHaveLength(1);
  });
});

describe('a server whose time to close is over', () => {
  it.each([
    ['the short way', '/predict'],
    ['Fastify', '/v2/models/slow/generate'],
  ])('answers what is still arriving (%s)', async (_, path) => {
    const { app } = await serveRunners([Slow], { closeTimeout: 200 });
    const before = began;
    const url = await listening(app);
    const { ended, socket } = await rawConnection(url, post(path, '{"text_input":', { length: 40 }));
    await sleep(20);
    await app.close();
    socket.write('1'.repeat(26));
    expect(await ended).toMatch(/^HTTP\/1\.1 503 [^]*\r\nconnection: close\r\n[^]*RW_ABORTED/);
    expect(began).toBe(before);
  });

  it('cuts off a client that takes nothing, and a route of the program that does not end', async () => {
    const { app } = await serveRunners([Count], { closeTimeout: 100 });
    app.get('/hangs', () => new Promise(() => undefined));
    const url = await listening(app);
    const { ended } = await rawConnection(url, 'GET /hangs HTTP/1.1\r\nhost: a\r\n\r\n');
    await sleep(20);
    await app.close();
    expect(await ended).toBe('');
  });
});
