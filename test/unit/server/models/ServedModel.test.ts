import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { createRunner } from '../../../../src/lifecycle/createRunner';
import type { Logger } from '../../../../src/metadata/contexts';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import { createServer } from '../../../../src/server';
import type { ExchangeAnswer } from '../../../../src/server/exchange/ExchangeAnswer';
import { chunk, post, rawConnection } from '../rawConnection';
import { listening, overSocket, serveRunners, throughInject } from '../serveRunners';

const json = { 'content-type': 'application/json' };

let predicted: unknown[] = [];
@Runner({ name: 'echo' })
class Echo {
  @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, value: unknown): unknown {
    predicted.push(value);
    return value;
  }
}

describe('a place in a model', () => {
  it.each([['run'], ['stream']])('is held until the work has ended, not the answer (%s)', async (kind) => {
    let inside = 0;
    let peak = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      peak = Math.max(peak, inside);
      await sleep(150);
      inside -= 1;
    };
    @Runner({ name: 'deaf' })
    class Deaf {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, value: unknown): Promise<unknown> {
        if (value !== 'now') await work();
        return value;
      }
    }
    @Runner({ name: 'deaf' })
    class DeafStream {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async *predict(_model: unknown, value: unknown): AsyncGenerator<unknown> {
        if (value !== 'now') await work();
        yield value;
      }
    }
    const { app } = await serveRunners([[kind === 'run' ? Deaf : DeafStream, { concurrency: 1 }]]);
    const ask = overSocket(await listening(app));
    const headers = { ...json, 'x-request-timeout-ms': '30' };
    const late = await Promise.all(
      Array.from({ length: 6 }, (_, n) => sleep(n * 20).then(() => ask('/predict', { headers, body: '1' }))),
    );
    expect(late.map(({ status }) => status)).toEqual(Array(6).fill(504));
    expect(peak).toBe(1);
    expect((await ask('/predict', { headers: json, body: '"now"' })).status).toBe(200);
    expect(inside).toBe(0);
  });

  it.each([false, true])('is taken by a request that is still arriving (chunked: %s)', async (chunked) => {
    const { app } = await serveRunners([[Echo, { concurrency: 1, queue: 1 }]]);
    const url = await listening(app);
    const half = () => rawConnection(url, post('/predict', '[1', { length: 3, chunked }));
    const [first, second] = await Promise.all([half(), half()]);
    for (const ask of [overSocket(url), throughInject(app)]) {
      await expect.poll(async () => (await ask('/predict', { headers: json, body: '1' })).status).toBe(429);
    }
    first.socket.write(chunked ? `${chunk(']')}0\r\n\r\n` : ']');
    await expect.poll(first.received).toMatch(/^HTTP\/1\.1 200 /);
    second.socket.destroy();
    const both = async () => {
      const answers = [1, 2].map((n) => overSocket(url)('/predict', { headers: json, body: String(n) }));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    await expect.poll(both).toEqual([200, 200]);
  });

  it.each([false, true])('is not for a request that arrived too late (chunked: %s)', async (chunked) => {
    predicted = [];
    const { app } = await serveRunners([Echo]);
    const url = await listening(app);
    const headers = 'x-request-timeout-ms: 100\r\n';
    const late = await rawConnection(url, post('/predict', '[1', { length: 3, chunked, headers }));
    await sleep(200);
    late.socket.write(chunked ? `${chunk(']')}0\r\n\r\n` : ']');
    await expect.poll(late.received).toMatch(/^HTTP\/1\.1 504 .*RW_DEADLINE/s);
    expect(predicted).toEqual([]);
  });
});

describe('the log of the server', () => {
  const serve = async (exchange: () => Promise<ExchangeAnswer>) => {
    const errors: unknown[][] = [];
    const quiet = (): void => undefined;
    const error = (...args: unknown[]): void => void errors.push(args);
    const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error };
    const handle = await createRunner(Echo);
    const { definition } = handle;
    // A handle whose runner is elsewhere.
    const remote = Object.assign(Object.create(handle) as typeof handle, {
      definition,
      capacity: 8,
      exchange,
    });
    const app = await createServer(remote, { logger });
    onTestFinished(async () => {
      await app.close();
      await handle.close();
    });
    return { ways: [overSocket(await listening(app)), throughInject(app)], errors };
  };

  it('gets what a caller is not told of a worker that ended', async () => {
    const failure = new RunwrightError('RW_WORKER_FAILED', { where: 'w', what: 'signal 4711', hint: 'h' });
    const { ways, errors } = await serve(() => Promise.reject(failure));
    for (const ask of ways) {
      errors.length = 0;
      const headers = { ...json, 'x-request-id': 'mine' };
      const { status, body } = await ask('/predict', { headers, body: '1' });
      expect([status, body.toString().includes('4711')]).toEqual([503, false]);
      expect(errors).toEqual([['request mine to /predict failed', failure]]);
    }
  });

  it('gets the failure that an answer carries', async () => {
    const failure = new Error('secret 4711');
    const answer = { status: 500, contentType: 'application/json', body: '{}', failure };
    const { ways, errors } = await serve(() => Promise.resolve(answer));
    for (const ask of ways) {
      errors.length = 0;
      const headers = { ...json, 'x-request-id': 'mine' };
      expect((await ask('/predict', { headers, body: '1' })).body.toString()).toBe('{}');
      expect(errors).toEqual([['request mine to echo failed', failure]]);
    }
  });
});
