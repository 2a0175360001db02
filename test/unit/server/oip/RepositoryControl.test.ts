import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseReference } from '../../../../src/artifact/Reference';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { createRunner } from '../../../../src/lifecycle/createRunner';
import type { RunnerHandle } from '../../../../src/lifecycle/RunnerHandle';
import { silentLogger } from '../../../../src/lifecycle/silentLogger';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import type { Served } from '../../../../src/server';
import { chunk, post, rawConnection } from '../rawConnection';
import { listening, overSocket, serveRunners } from '../serveRunners';

const json = { 'content-type': 'application/json' };

@Runner({ name: 'echo' })
class Echo {
  @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, value: unknown): unknown {
    return value;
  }
}

@Runner({ name: 'numbers' })
class Numbers {
  @Predict({ input: Number, output: Number }) predict(_model: unknown, value: number): number {
    return value;
  }
}

@Runner({ name: 'endless' })
class Endless {
  @Predict({ input: Unvalidated, output: Unvalidated }) async *predict(): AsyncGenerator<number> {
    for (;;) {
      await sleep(5);
      yield 1;
    }
  }
}

/** A server whose clients may load models; a name that begins with `bad` comes with a queue that cannot be. */
const serveOpenly = async (runner: new () => object = Echo) => {
  const loaded: RunnerHandle[] = [];
  const load = async (name: string): Promise<Served> => {
    const handle = await createRunner(runner);
    loaded.push(handle);
    return name.startsWith('bad') ? { handle, queue: -1 } : handle;
  };
  const { app } = await serveRunners([Echo], { modelControl: { load } });
  const url = await listening(app);
  const ask = overSocket(url);
  const control = async (name: string, verb: 'load' | 'unload'): Promise<number> =>
    (await ask(`/v2/repository/models/${name}/${verb}`, {})).status;
  return { app, url, ask, control, loaded };
};

describe('loading', () => {
  it('closes a handle that cannot be served', async () => {
    const { control, loaded } = await serveOpenly();
    expect(await control('bad', 'load')).toBe(500);
    expect(loaded.map(({ state }) => state)).toEqual(['closed']);
    expect(await control('good', 'load')).toBe(200);
  });

  it.each([
    ['RW_MODEL_NOT_FOUND', 404],
    ['RW_MODEL_NOT_SERVABLE', 400],
  ] as const)('tells clients nothing of where models come from (%s)', async (code, status) => {
    const secret = '/srv/registry has default/other';
    const error = new RunwrightError(code, { where: secret, what: secret, hint: secret });
    const logged: unknown[] = [];
    const { app } = await serveRunners([Echo], {
      modelControl: { load: () => Promise.reject(error) },
      logger: { ...silentLogger, warn: (...args) => logged.push(...args) },
    });
    const answer = await app.inject({ method: 'POST', url: '/v2/repository/models/nope/load' });
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { code: 'RW_REQUEST_INVALID' }]);
    expect(answer.body).not.toMatch(/srv|other/);
    expect(logged).toEqual([expect.stringContaining('nope'), error]);
  });

  it('tells a client what is wrong with the name that it gave', async () => {
    const load = (name: string): Promise<Served> => Promise.resolve(parseReference(name) as never);
    const { app } = await serveRunners([Echo], { modelControl: { load } });
    const answer = await app.inject({ method: 'POST', url: '/v2/repository/models/m%3A0/load' });
    expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining('model number')]);
  });

  it('does not wait for what another model still has', async () => {
    const { url, control, loaded } = await serveOpenly(Endless);
    expect(await control('m', 'load')).toBe(200);
    const stream = new AbortController();
    const { signal } = stream;
    await fetch(`${url}/models/m/predict`, { method: 'POST', headers: json, body: '1', signal });
    let replaced = false;
    const again = control('m', 'load').then((status) => {
      replaced = true;
      return status;
    });
    expect(await control('other', 'load')).toBe(200);
    expect(await control('other', 'unload')).toBe(200);
    expect(replaced).toBe(false);
    stream.abort();
    expect(await again).toBe(200);
    expect(loaded.map(({ state }) => state)).toEqual(['closed', 'ready', 'closed']);
  });

  it.each([false, true])(
    'gives requests that are arriving to the new model (chunked: %s)',
    async (chunked) => {
      const { url, control } = await serveOpenly();
      expect(await control('m', 'load')).toBe(200);
      const path = '/models/m/predict';
      const { socket, received } = await rawConnection(url, post(path, '[1', { length: 3, chunked }));
      await sleep(20);
      expect(await control('m', 'load')).toBe(200);
      socket.write(chunked ? `${chunk(']')}0\r\n\r\n` : ']');
      await expect.poll(received).toMatch(/^HTTP\/1\.1 200 .*\[1\]$/s);
    },
  );
});

describe('a server without a model', () => {
  it('is not ready, and says so', async () => {
    const { app, ask, control } = await serveOpenly();
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    expect(await control('echo', 'unload')).toBe(200);
    const { status, body } = await ask('/predict', { headers: json, body: '1' });
    expect([status, body.toString()]).toEqual([404, expect.stringContaining('has no model now')]);
    for (const path of ['/readyz', '/v2/health/ready']) {
      const answer = await app.inject(path);
      expect([answer.statusCode, answer.json()]).toMatchObject([503, { code: 'RW_HANDLE_STATE' }]);
    }
    expect(await control('echo', 'load')).toBe(200);
    expect((await app.inject('/readyz')).statusCode).toBe(200);
  });
});

describe('a model that no tensor can carry', () => {
  it('is absent from the protocol, and generate and its own route have it', async () => {
    const { app } = await serveRunners([Echo, Numbers]);
    const get = async (url: string) => {
      const answer = await app.inject(url);
      return [answer.statusCode, answer.json<unknown>()];
    };
    expect(await get('/v2/models')).toEqual([200, { models: ['numbers'] }]);
    const index = await app.inject({ method: 'POST', url: '/v2/repository/index' });
    expect(index.json()).toMatchObject([{ name: 'numbers' }]);
    for (const path of ['/v2/models/echo', '/v2/models/echo/ready']) {
      expect(await get(path)).toEqual([
        404,
        { error: expect.stringContaining('Unvalidated') as string, code: 'RW_REQUEST_INVALID', issues: [] },
      ]);
    }
    for (const url of ['/v2/models/echo/generate', '/models/echo/predict']) {
      const answer = await app.inject({ method: 'POST', url, headers: json, payload: '{"a":1}' });
      expect(answer.statusCode, url).toBe(200);
    }
  });

  it('counts for the readiness of the server', async () => {
    const { app, handles } = await serveRunners([Echo, Numbers]);
    await handles[0]?.close();
    expect((await app.inject('/v2/health/ready')).statusCode).toBe(503);
    expect((await app.inject('/v2/models/numbers/ready')).statusCode).toBe(200);
  });
});
