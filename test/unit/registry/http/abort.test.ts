import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import type { HttpRequest } from '../../../../src/registry/http/HttpRequest';
import { serve, serveRaw } from './serve';

const WHERE = 'oci://acme';
const never = (): Promise<never> => new Promise(() => undefined);

/** Aborts when `begun` resolves, a moment after the start by default, and expects the end at once: not after a limit or a wait. */
async function stopped(
  start: (signal: AbortSignal) => Promise<unknown>,
  reason = new Error('enough'),
  begun: Promise<unknown> = delay(150),
): Promise<void> {
  const over = new AbortController();
  const work = start(over.signal).then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => [error, performance.now()] as const,
  );
  let time = 0;
  void begun.then(() => {
    time = performance.now();
    over.abort(reason);
  });
  const [error, ended] = await work;
  expect(error).toMatchObject({ code: 'RW_ABORTED', where: WHERE, cause: reason });
  expect(ended - time).toBeLessThan(1000);
}

describe('a signal ends at once', () => {
  it('what has not begun', async () => {
    let asked = 0;
    const { url } = await serve((_, response) => {
      asked += 1;
      response.end();
    });
    const signal = AbortSignal.abort();
    await expect(new HttpClient().send({ method: 'GET', url, where: WHERE, signal })).rejects.toMatchObject({
      code: 'RW_ABORTED',
    });
    expect(asked).toBe(0);
  });

  it('waiting for an answer, and the server is told', async () => {
    let closed = (): void => undefined;
    const left = new Promise<void>((resolve) => (closed = resolve));
    let asked = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    const { url } = await serve((request) => {
      request.socket.on('close', () => closed());
      asked();
    });
    const enough = new Error('enough');
    await stopped(
      (signal) => new HttpClient().send({ method: 'GET', url, where: WHERE, signal }),
      enough,
      arrived,
    );
    await left;
  });

  it('an upload that moves, one that stands, and one whose source gives nothing', async () => {
    const { url } = await serve((request) => void request.resume());
    const mute = await serveRaw((socket) => void socket.once('data', () => socket.pause()));
    const chunk = Buffer.alloc(65536);
    for (const [target, read] of [
      [url, () => chunk],
      [mute.url, () => chunk],
      [url, () => undefined],
    ] as const) {
      const source = new Readable({
        read() {
          const part = read();
          if (part !== undefined) this.push(part);
        },
      });
      const body = { size: 1024 ** 4, open: () => Promise.resolve(source) };
      await stopped((signal) =>
        new HttpClient().send({ method: 'PUT', url: target, where: WHERE, signal, body }),
      );
      expect(source.destroyed).toBe(true);
    }
  });

  it('a download in its middle', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200).write('some'));
    await stopped(async (signal) => {
      const { stream } = await new HttpClient().download({ method: 'GET', url, where: WHERE, signal });
      return buffer(stream);
    });
  });

  it('an answer in its middle', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200).write('some'));
    await stopped((signal) => new HttpClient().send({ method: 'GET', url, where: WHERE, signal }));
  });

  it('the wait between two tries', async () => {
    const { url } = await serve((_, response) => void response.writeHead(429, { 'retry-after': '30' }).end());
    await stopped((signal) => new HttpClient().send({ method: 'GET', url, where: WHERE, signal }));
  });

  it('the wait for a proof of who asks', async () => {
    const { url } = await serve((_, response) => void response.writeHead(401).end());
    const idle = { origin: url.origin, headers: () => Promise.resolve({}), refused: never };
    for (const authorizer of [{ ...idle, headers: never }, idle]) {
      await stopped((signal) =>
        new HttpClient({ authorizer }).send({ method: 'GET', url, where: WHERE, signal }),
      );
    }
  });

  it('no more than what it was given to', async () => {
    const { url } = await serve((_, response) => void setTimeout(() => response.end('ok'), 300));
    const client = new HttpClient();
    const other = client.send({ method: 'GET', url, where: WHERE });
    await stopped((signal) => client.send({ method: 'GET', url, where: WHERE, signal }));
    expect(String((await other).body)).toBe('ok');
  });

  it('and leaves no listener behind', async () => {
    const { url } = await serve((_, response) => void response.end('ok'));
    const over = new AbortController();
    let listeners = 0;
    const signal = over.signal;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, given);
    };
    signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, given);
    };
    const request: HttpRequest = { method: 'GET', url, where: WHERE, signal };
    await new HttpClient().send(request);
    await buffer((await new HttpClient().download(request)).stream);
    await new Promise((resolve) => setImmediate(resolve));
    expect(listeners).toBe(0);
  });
});
