import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import type { TimeLimits } from '../../../../src/registry/http/TimeLimits';
import { serve, serveRaw } from './serve';

const WHERE = 'oci://acme';
const LIMIT = 300;
/** Of what moves: a loaded machine may let everything stand for a while. */
const LONG_LIMIT = 1500;

/** One try, with short limits. */
function client(limits: Partial<TimeLimits>): HttpClient {
  return new HttpClient({ limits, retry: { tries: 1 } });
}

async function timed(work: Promise<unknown>, phase: string): Promise<void> {
  const start = performance.now();
  await expect(work).rejects.toMatchObject({
    code: 'RW_REGISTRY_UNAVAILABLE',
    where: WHERE,
    message: expect.stringContaining(phase),
  });
  const took = performance.now() - start;
  expect(took).toBeGreaterThan(LIMIT * 0.9);
  expect(took).toBeLessThan(LIMIT + 3000);
}

function endless() {
  const chunk = Buffer.alloc(1024 * 1024);
  return {
    size: 1024 ** 3,
    open: () =>
      Promise.resolve(
        new Readable({
          read() {
            this.push(chunk);
          },
        }),
      ),
  };
}

/** The port of a process that listens, does nothing, and has as many connections waiting as it can: the kernel lets in no more. */
async function stoppedServer(): Promise<number> {
  const program = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(printed.toString());
  for (let waiting = 0; waiting < 4; waiting += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  }
  await delay(100);
  return port;
}

describe('what stands still ends', () => {
  it('an upload that the server does not read', async () => {
    const { url } = await serveRaw((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      });
    });
    const sent = client({ send: LIMIT }).send({ method: 'PUT', url, where: WHERE, body: endless() });
    await timed(sent, 'nothing more of what is sent could leave for 0.3 s');
  });

  it('an answer that does not come, to what reads and to what changes', async () => {
    const { url } = await serve(() => undefined);
    await timed(
      client({ response: LIMIT }).send({ method: 'GET', url, where: WHERE }),
      'no answer for 0.3 s',
    );
    await timed(client({ change: LIMIT }).send({ method: 'POST', url, where: WHERE }), 'no answer for 0.3 s');
    const body = Buffer.from('some');
    await timed(
      client({ change: LIMIT }).send({ method: 'PUT', url, where: WHERE, body }),
      'no answer for 0.3 s',
    );
  });

  it('an answer and a download that stop in their middle', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('some');
    });
    const limited = client({ read: LIMIT });
    await timed(
      limited.send({ method: 'GET', url, where: WHERE }),
      'nothing more of the answer came for 0.3 s',
    );
    const { stream } = await limited.download({ method: 'GET', url, where: WHERE });
    await timed(buffer(stream), 'nothing more of the answer came for 0.3 s');
  });

  it('a connection over which TLS is never begun', async () => {
    const { port } = await serveRaw(() => undefined);
    const url = new URL(`https://127.0.0.1:${port}/`);
    await timed(client({ secureConnect: LIMIT }).send({ method: 'GET', url, where: WHERE }), 'ETIMEDOUT');
  });

  it('a connection that is never taken', async () => {
    const port = await stoppedServer();
    const url = new URL(`http://127.0.0.1:${port}/`);
    await timed(client({ connect: LIMIT }).send({ method: 'GET', url, where: WHERE }), 'ETIMEDOUT');
  });
});

describe('what moves goes on', () => {
  it('a slow upload and a slow answer, past every limit in all', async () => {
    const { url } = await serve((request, response) => {
      void (async () => {
        let read = 0;
        for await (const chunk of request) {
          read += (chunk as Buffer).length;
          if (read % (4 * 65536) === 0) await delay(10);
        }
        response.writeHead(200);
        for (let part = 0; part < 8; part += 1) {
          response.write('part');
          await delay(250);
        }
        response.end();
      })().catch((error: unknown) => request.destroy(error as Error));
    });
    const limits = { send: LONG_LIMIT, change: LONG_LIMIT, read: LONG_LIMIT, response: LONG_LIMIT };
    const size = 24 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024);
    const slow = {
      size,
      open: () =>
        Promise.resolve(
          Readable.from(
            (async function* () {
              for (let sent = 0; sent < size; sent += chunk.length) {
                await delay(80);
                yield chunk;
              }
            })(),
          ),
        ),
    };
    const start = performance.now();
    const { body } = await client(limits).send({ method: 'PUT', url, where: WHERE, body: slow });
    expect(String(body)).toBe('part'.repeat(8));
    expect(performance.now() - start).toBeGreaterThan(2 * LONG_LIMIT);
  });

  it('a download that nobody reads for a while', async () => {
    const size = 16 * 1024 * 1024;
    const { url } = await serve((_, response) => response.end(Buffer.alloc(size)));
    const { stream } = await client({ read: LONG_LIMIT }).download({ method: 'GET', url, where: WHERE });
    let read = 0;
    for await (const chunk of stream) {
      if (read === 0) await delay(2 * LONG_LIMIT);
      read += (chunk as Buffer).length;
    }
    expect(read).toBe(size);
  });

  it('an answer that came while this process was busy', async () => {
    const { url } = await serve((_, response) => response.end('ok'));
    const asked = client({ response: LONG_LIMIT, connect: LONG_LIMIT }).send({
      method: 'GET',
      url,
      where: WHERE,
    });
    // Until the request has left.
    await delay(100);
    const until = performance.now() + 2 * LONG_LIMIT;
    while (performance.now() < until);
    expect(String((await asked).body)).toBe('ok');
  });
});
