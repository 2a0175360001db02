import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createRunner } from '../../../src/lifecycle/createRunner';
import type { RunnerHandle } from '../../../src/lifecycle/RunnerHandle';
import { createServer, type ServedModelOptions, type ServerOptions } from '../../../src/server';

type Settings = Omit<ServedModelOptions, 'handle'>;
type RunnerClass = new () => object;

/** A server for runner classes, each alone or with settings of its own, that ends with the test. */
export async function serveRunners(
  runners: readonly (RunnerClass | readonly [RunnerClass, Settings])[],
  options: ServerOptions = {},
): Promise<{ app: FastifyInstance; handles: RunnerHandle[] }> {
  const handles: RunnerHandle[] = [];
  const served: ServedModelOptions[] = [];
  for (const one of runners) {
    const [runner, settings] = Array.isArray(one)
      ? (one as [RunnerClass, Settings])
      : [one as RunnerClass, {}];
    const handle = await createRunner(runner);
    handles.push(handle);
    served.push({ handle, ...settings });
  }
  const app = await createServer(served, options);
  onTestFinished(async () => {
    await app.close();
    await Promise.all(handles.map((handle) => handle.close()));
  });
  return { app, handles };
}

/** The same server on a port of its own: what `inject` does not go through is used too. */
export async function listening(app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

/** A door to a server: through `inject`, or over a socket. */
export type Ask = (
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array },
) => Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>;

export const throughInject =
  (app: FastifyInstance): Ask =>
  async (url, { method = 'POST', headers = {}, body }) => {
    const payload = typeof body === 'string' || body === undefined ? body : Buffer.from(body);
    const response = await app.inject({
      method: method as 'POST',
      url,
      headers,
      ...(payload !== undefined && { payload }),
    });
    return { status: response.statusCode, headers: response.headers, body: response.rawPayload };
  };

export const overSocket =
  (url: string): Ask =>
  async (path, { method = 'POST', headers = {}, body }) => {
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    };
  };
