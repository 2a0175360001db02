import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../../../src/artifact/packageRoot';
import { HttpClient } from '../../../../src/registry/http/HttpClient';
import { bodyOf, serve } from './serve';

const WHERE = 'oci://acme';
const MEBIBYTE = 1024 * 1024;

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers everything with 200 and `ok`. */
async function recorder() {
  const seen: Seen[] = [];
  const { url } = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push({ method: request.method, path: request.url, headers: request.headers, body });
      response.setHeader('x-name', 'a');
      response.end('ok');
    });
  });
  return { url, seen };
}

describe('a request', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)(
    '%s goes out as it is',
    async (method) => {
      const { url, seen } = await recorder();
      const target = new URL('v2/acme/iris/blobs?digest=sha256%3Aab&state=a%2Bb+c~', url);
      const answer = await new HttpClient().send({
        method,
        url: target,
        headers: { accept: 'application/json' },
        where: WHERE,
      });
      expect(answer).toMatchObject({ status: 200, url: target, headers: { 'x-name': 'a' } });
      expect(answer.body.toString()).toBe(method === 'HEAD' ? '' : 'ok');
      expect(seen).toMatchObject([
        {
          method,
          path: '/v2/acme/iris/blobs?digest=sha256%3Aab&state=a%2Bb+c~',
          headers: {
            accept: 'application/json',
            'user-agent': `runwright/${packageRoot().packageJson.version}`,
          },
        },
      ]);
      expect(seen[0]?.headers['transfer-encoding']).toBeUndefined();
      expect(seen[0]?.headers['content-length']).toBe(
        ['POST', 'PUT', 'PATCH'].includes(method) ? '0' : undefined,
      );
    },
  );

  it.each([0, 1, 5 * MEBIBYTE + 7])(
    'sends a body of %i bytes with its length, counted once',
    async (size) => {
      const { url, seen } = await recorder();
      const folder = await mkdtemp(join(tmpdir(), 'runwright-http-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const bytes = Buffer.alloc(size, 'runwright');
      await writeFile(join(folder, 'file'), bytes);
      const streamed = {
        size,
        open: () => Promise.resolve(createReadStream(join(folder, 'file'), { highWaterMark: MEBIBYTE })),
      };
      for (const method of ['PUT', 'PATCH', 'POST'] as const) {
        for (const body of [bytes, new Uint8Array(bytes), streamed]) {
          const counts: number[] = [];
          await new HttpClient().send({
            method,
            url,
            body,
            where: WHERE,
            onBytes: (count) => counts.push(count),
          });
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(size);
          expect(counts.every((count) => count > 0)).toBe(true);
          const last = seen.at(-1);
          expect(last?.headers).toMatchObject({ 'content-length': String(size) });
          expect(last?.headers['transfer-encoding']).toBeUndefined();
          expect(last?.body.equals(bytes)).toBe(true);
        }
      }
    },
  );

  it('of a part of a buffer sends that part alone', async () => {
    const { url, seen } = await recorder();
    const body = new Uint8Array(Buffer.from('secret-visible-secret').buffer.slice(0)).subarray(0, 0);
    const part = new Uint8Array(new TextEncoder().encode('before|part|after').buffer, 7, 4);
    await new HttpClient().send({ method: 'PUT', url, body, where: WHERE });
    await new HttpClient().send({ method: 'PUT', url, body: part, where: WHERE });
    expect(seen.map((request) => request.body.toString())).toEqual(['', 'part']);
  });

  it.each([
    ['shorter', 10],
    ['longer', 3],
  ])('whose body is %s than was said fails, and is not sent again', async (word, size) => {
    let requests = 0;
    const { url } = await serve((request, response) => {
      requests += 1;
      request.on('error', () => undefined);
      request.resume().on('end', () => response.end());
    });
    const body = { size, open: () => Promise.resolve(Readable.from([Buffer.from('12345')])) };
    const sent = new HttpClient().send({ method: 'PUT', url, body, where: WHERE });
    await expect(sent).rejects.toMatchObject({ code: 'RW_IO', message: expect.stringContaining(word) });
    expect(requests).toBeLessThanOrEqual(1);
  });

  it('whose body cannot be read fails with what the body fails with', async () => {
    const { url } = await recorder();
    const client = new HttpClient();
    const missing = { size: 5, open: () => Promise.resolve(createReadStream('/nowhere/at/all')) };
    await expect(client.send({ method: 'PUT', url, body: missing, where: WHERE })).rejects.toMatchObject({
      code: 'RW_IO',
      where: WHERE,
    });
    const own = new Error('own');
    const refused = { size: 5, open: () => Promise.reject(own) };
    await expect(client.send({ method: 'PUT', url, body: refused, where: WHERE })).rejects.toBe(own);
  });

  it('sends no more of a body than the server takes', async () => {
    let taken = 0;
    let go = (): void => undefined;
    const waits = new Promise<void>((resolve) => (go = resolve));
    const { url } = await serve((request, response) => {
      void waits.then(() => request.resume().on('end', () => response.end()));
    });
    const size = 256 * MEBIBYTE;
    const chunk = Buffer.alloc(MEBIBYTE);
    const source = new Readable({
      highWaterMark: MEBIBYTE,
      read() {
        taken += chunk.length;
        this.push(taken > size ? null : chunk);
      },
    });
    const sent = new HttpClient().send({
      method: 'PUT',
      url,
      where: WHERE,
      body: { size, open: () => Promise.resolve(source) },
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // What the kernel buffers on both sides, and a chunk or two.
    expect(taken).toBeLessThan(32 * MEBIBYTE);
    go();
    await sent;
  });
});

describe('an answer', () => {
  it('of a status that the caller names is the answer', async () => {
    const { url } = await serve((_, response) => response.writeHead(404).end('none'));
    const request = { method: 'GET', url, where: WHERE, accept: [200, 404] } as const;
    expect(await new HttpClient().send(request)).toMatchObject({ status: 404, body: Buffer.from('none') });
    const { stream, status } = await new HttpClient().download(request);
    expect([status, String(await buffer(stream))]).toEqual([404, 'none']);
    await expect(new HttpClient().send({ ...request, accept: undefined })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
    });
  });

  it('may be compressed where it is read whole, and is not asked to be where it is a blob', async () => {
    const compressed: boolean[] = [];
    const { url } = await serve((request, response) => {
      const asked = request.headers['accept-encoding']?.includes('gzip') === true;
      compressed.push(asked);
      if (asked) response.setHeader('content-encoding', 'gzip');
      response.end(asked ? gzipSync('text') : 'text');
    });
    const client = new HttpClient();
    expect(String((await client.send({ method: 'GET', url, where: WHERE })).body)).toBe('text');
    expect(String(await buffer((await client.download({ method: 'GET', url, where: WHERE })).stream))).toBe(
      'text',
    );
    await client.send({ method: 'HEAD', url, where: WHERE });
    expect(compressed).toEqual([true, false, false]);
  });

  it.each([
    ['as it comes', undefined],
    ['after it is unpacked', 'gzip'],
  ])('of more than 8 MiB is not read into memory, counted %s', async (_, encoding) => {
    const large = Buffer.alloc(9 * MEBIBYTE);
    const { url } = await serve((_request, response) => {
      if (encoding !== undefined) response.setHeader('content-encoding', encoding);
      response.end(encoding === undefined ? large : gzipSync(large));
    });
    await expect(new HttpClient().send({ method: 'GET', url, where: WHERE })).rejects.toMatchObject({
      code: 'RW_REGISTRY_ANSWER',
      message: expect.stringContaining('8388608 bytes'),
    });
  });

  it('that is downloaded comes as fast as it is read, and no faster', async () => {
    let written = 0;
    const size = 256 * MEBIBYTE;
    const chunk = Buffer.alloc(MEBIBYTE);
    const { url } = await serve((_, response) => {
      response.setHeader('content-length', size);
      const write = (): void => {
        while (written < size) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    const { stream, headers } = await new HttpClient().download({ method: 'GET', url, where: WHERE });
    expect(headers['content-length']).toBe(String(size));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(written).toBeLessThan(32 * MEBIBYTE);
    let read = 0;
    for await (const part of stream) read += (part as Buffer).length;
    expect(read).toBe(size);
  });

  it('that nobody wants any more is called off at the server too', async () => {
    let closed = (): void => undefined;
    const over = new Promise<void>((resolve) => (closed = resolve));
    const { url } = await serve((_, response) => {
      response.on('close', closed).writeHead(200, { 'content-length': 1e9 }).write('some');
    });
    const { stream } = await new HttpClient().download({ method: 'GET', url, where: WHERE });
    stream.destroy();
    await over;
  });

  it('leaves the connection open for the next request', async () => {
    const ports = new Set<number | undefined>();
    const { url } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on('end', () => response.end('x'.repeat(100)));
    });
    const client = new HttpClient();
    for (const body of [undefined, Buffer.from('small'), Buffer.alloc(3 * MEBIBYTE)]) {
      await client.send({ method: 'PUT', url, where: WHERE, body });
      await buffer((await client.download({ method: 'GET', url, where: WHERE })).stream);
    }
    expect(ports.size).toBe(1);
  });

  it('does not keep the process alive by that', async () => {
    const program = `const s = require('node:http').createServer((q, r) => q.resume().on('end', () => r.end('ok'))).listen(0, '127.0.0.1', () => console.log(s.address().port))`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [printed] = (await once(child.stdout, 'data')) as [Buffer];
    const url = new URL(`http://127.0.0.1:${Number(printed.toString())}/`);
    const alive = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
    const before = alive();
    const client = new HttpClient();
    await Promise.all(
      [1, 2, 3].map(() =>
        client.send({ method: 'PUT', url, where: WHERE, body: Buffer.alloc(2 * MEBIBYTE) }),
      ),
    );
    await buffer((await client.download({ method: 'GET', url, where: WHERE })).stream);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alive()).toBeLessThanOrEqual(before);
  });
});
