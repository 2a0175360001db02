import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { serve, serveRaw } from './serve';

const WHERE = 'oci://acme';
const SIZE = 64 * 1024 * 1024;
const DENIED = JSON.stringify({ errors: [{ code: 'SIZE_INVALID', message: 'too large' }] });

function body(onRead: (count: number) => void = () => undefined) {
  const chunk = Buffer.alloc(1024 * 1024);
  return {
    size: SIZE,
    open: () => {
      let left = SIZE;
      return Promise.resolve(
        new Readable({
          read() {
            if (left === 0) return void this.push(null);
            left -= chunk.length;
            onRead(chunk.length);
            this.push(chunk);
          },
        }),
      );
    },
  };
}

/** The bytes of an answer that closes the connection. */
function refusal(status: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${DENIED.length}\r\nConnection: close\r\n\r\n${DENIED}`;
}

describe('an answer that comes before the body is sent', () => {
  it('is read when the server says it at the head', async () => {
    let read = 0;
    const { url } = await serveRaw((socket) => {
      socket.once('data', () => socket.end(refusal('413 Payload Too Large')));
    });
    await expect(
      new HttpClient().send({ method: 'PUT', url, where: WHERE, body: body((count) => (read += count)) }),
    ).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringMatching(/status 413 \(SIZE_INVALID: too large\)\. .*limit/),
    });
    // It was asked before the body was sent.
    expect(read).toBeLessThanOrEqual(2 * 1024 * 1024);
  });

  it('is read when the server says it in the middle, and goes on reading', async () => {
    const { url } = await serveRaw((socket) => {
      let seen = 0;
      socket.on('data', (chunk: Buffer) => {
        if (seen === 0) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        const before = seen;
        seen += chunk.length;
        if (before < 1e7 && seen >= 1e7) socket.write(refusal('413 Payload Too Large'));
      });
    });
    const sent = new HttpClient().send({ method: 'PUT', url, where: WHERE, body: body() });
    await expect(sent).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringContaining('SIZE_INVALID'),
    });
  });

  it('is found by asking first when it was lost with the connection', async () => {
    let connections = 0;
    let bodies = 0;
    const { url } = await serveRaw((socket) => {
      connections += 1;
      socket.once('data', (head: Buffer) => {
        const asks = head.toString('latin1').includes('100-continue');
        if (asks) return void socket.end(refusal('413 Payload Too Large'));
        bodies += 1;
        // A reset takes away what was answered but not read yet.
        socket.resetAndDestroy();
      });
    });
    const small = {
      ...body(),
      size: 512 * 1024,
      open: () => Promise.resolve(Readable.from([Buffer.alloc(512 * 1024)])),
    };
    const client = new HttpClient({ retry: { firstWait: 1 } });
    await expect(client.send({ method: 'PUT', url, where: WHERE, body: small })).rejects.toMatchObject({
      message: expect.stringContaining('SIZE_INVALID'),
    });
    expect([connections, bodies]).toEqual([2, 1]);
  });

  it('of 401 lets the authorizer show who asks, and the body is sent once', async () => {
    let read = 0;
    const { url } = await serve((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(201).end());
    });
    const guarded = await serveRaw((socket) => {
      socket.once('data', (head: Buffer) => {
        const [, path] = head.toString('latin1').split(' ');
        const known = /authorization: bearer good/i.test(head.toString('latin1'));
        const answer = known
          ? `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${url.href}${path?.slice(1)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
          : refusal('401 Unauthorized');
        socket.end(answer);
      });
    });
    let token = 'bad';
    const authorizer = {
      origin: guarded.url.origin,
      headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
      refused: () => {
        token = 'good';
        return Promise.resolve(true);
      },
    };
    let counted = 0;
    const { status } = await new HttpClient({ authorizer }).send({
      method: 'PUT',
      url: guarded.url,
      where: WHERE,
      body: body((count) => (read += count)),
      onBytes: (count) => (counted += count),
    });
    expect([status, counted]).toEqual([201, SIZE]);
    // All of it once, and what a try reads ahead while it waits for the word to send it.
    expect(read).toBeLessThanOrEqual(SIZE + 4 * 1024 * 1024);
  });

  it('of a server that does not know the question is not waited for twice', async () => {
    const { url } = await serve((request, response) => {
      request.resume().on('end', () => response.end());
    });
    const mute = await serveRaw((socket) => {
      let read = 0;
      socket.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read < SIZE) return;
        read = -1e9;
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      });
    });
    const client = new HttpClient();
    const time = async (target: URL): Promise<number> => {
      const start = performance.now();
      await client.send({ method: 'PUT', url: target, where: WHERE, body: body() });
      return performance.now() - start;
    };
    const asked = await time(mute.url);
    expect(asked).toBeGreaterThan(1000);
    expect(await time(mute.url)).toBeLessThan(asked);
    await time(url);
  });

  it('of 417 is asked again without the question', async () => {
    const expectations: (string | undefined)[] = [];
    const { url } = await serveRaw((socket) => {
      let read = 0;
      let expected: boolean | undefined;
      socket.on('data', (chunk: Buffer) => {
        if (expected === undefined) {
          expected = chunk.toString('latin1').includes('100-continue');
          expectations.push(expected ? 'asked' : 'sent');
          if (expected) {
            return void socket.end(
              'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
            );
          }
        }
        read += chunk.length;
        if (read > SIZE) {
          read = -1e9;
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        }
      });
    });
    const { status } = await new HttpClient().send({ method: 'PUT', url, where: WHERE, body: body() });
    expect([status, ...expectations]).toEqual([200, 'asked', 'sent']);
  });
});
