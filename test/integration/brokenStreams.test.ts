import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { WorkerHandle } from '../../src/execution/WorkerHandle';
import { createServer, type ServerOptions } from '../../src/server';
import { withProbe } from './workerProbe';

const STREAMS = [
  ['JSON Lines', '/models/count/predict', 'application/x-ndjson', /\n(\{"error".*\})\n$/],
  ['server-sent events', '/models/count/predict', 'text/event-stream', /\n\nevent: error\ndata: (.*)\n\n$/],
  ['generate_stream', '/v2/models/count/generate_stream', '*/*', /\n\ndata: (\{"error".*\})\n\n$/],
] as const;

const served = async <T>(
  handle: WorkerHandle<unknown, unknown>,
  logged: unknown[],
  use: (url: string) => Promise<T>,
  options: ServerOptions = {},
): Promise<T> => {
  const ignore = (): void => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (...args: unknown[]) => void logged.push(args),
  };
  const app = await createServer(handle, { ...options, logger });
  try {
    await app.listen({ port: 0, host: '127.0.0.1' });
    return await use(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  } finally {
    await app.close();
  }
};

describe.each(STREAMS)('a stream of a worker as %s ends with an error', (_, path, accept, lastEvent) => {
  const ask = (url: string, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...headers },
      body: '{"to":100000,"ms":10}',
    });
  const errorOf = (text: string): unknown => JSON.parse(lastEvent.exec(text)?.[1] ?? 'null');

  it('at its deadline', async () => {
    await withProbe({ runner: 'count' }, (handle) =>
      served(handle, [], async (url) => {
        const response = await ask(url, { 'x-request-timeout-ms': '300' });
        expect(response.status).toBe(200);
        const text = await response.text();
        expect(text).toContain('"made":0');
        expect(errorOf(text)).toMatchObject({ code: 'RW_DEADLINE', issues: [] });
      }),
    );
  });

  it.each(['thread', 'process'] as const)(
    'and with one alone, whoever says it first (%s)',
    async (execution) => {
      await withProbe({ runner: 'count', execution }, (handle) =>
        served(handle, [], async (url) => {
          for (let timeout = 30; timeout < 60; timeout += 1) {
            const text = await (await ask(url, { 'x-request-timeout-ms': String(timeout) })).text();
            expect(text.match(/RW_DEADLINE/g), text).toHaveLength(1);
          }
        }),
      );
    },
  );

  it('when the server closes', async () => {
    await withProbe({ runner: 'count' }, async (handle) => {
      const text = await served(
        handle,
        [],
        async (url) => {
          const response = await ask(url);
          expect(response.status).toBe(200);
          return response.text.bind(response);
        },
        { closeTimeout: 200 },
      );
      expect(errorOf(await text())).toMatchObject({ code: 'RW_ABORTED', issues: [] });
    });
  });

  it('when the worker is killed, and the logger of the server is told', async () => {
    const logged: unknown[] = [];
    await withProbe({ runner: 'count' }, (handle) =>
      served(handle, logged, async (url) => {
        const response = await ask(url);
        const text = response.text();
        process.kill(handle.workerStates()[0]?.pid as number, 'SIGKILL');
        expect(errorOf(await text)).toMatchObject({ code: 'RW_WORKER_FAILED', issues: [] });
      }),
    );
    expect(logged).toContainEqual([
      expect.stringContaining('count failed'),
      expect.objectContaining({ code: 'RW_WORKER_FAILED' }),
    ]);
  });
});
