import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import { IsFile } from '../../../../src/schema/IsFile';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import type { UploadedFile } from '../../../../src/schema/UploadedFile';
import { rawConnection } from '../rawConnection';
import { listening, serveRunners } from '../serveRunners';

class Note {
  @IsFile() @IsOptional() file?: UploadedFile;
  @IsString() @IsOptional() text?: string;
  @IsInt() @IsOptional() count?: number;
  @IsOptional() options?: unknown;
}

@Runner({ name: 'notes' })
class Notes {
  @Predict({ input: Note, output: Unvalidated }) async predict(_model: unknown, note: Note) {
    const { file, ...rest } = note;
    return { ...rest, ...(file && { filename: file.filename, bytes: (await file.bytes()).length }) };
  }
}

const BOUNDARY = 'xyz';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const part = (headers: string, content: string): string =>
  `--${BOUNDARY}\r\n${headers}\r\n\r\n${content}\r\n`;
const field = (name: string, content: string, more = ''): string =>
  part(`content-disposition: form-data; name="${name}"${more}`, content);
const formOf = (...parts: string[]): string => `${parts.join('')}--${BOUNDARY}--\r\n`;

const leavers = [0, 1, 2, 5].flatMap((delay) => Array<number>(10).fill(delay));

const serve = async (bodyLimit = 1000) => {
  const uploadDirectory = await mkdtemp(join(tmpdir(), 'runwright-forms-'));
  onTestFinished(() => rm(uploadDirectory, { recursive: true, force: true }));
  const { app } = await serveRunners([Notes], { uploadDirectory, bodyLimit });
  const url = await listening(app);
  const post = async (body: string) => {
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': TYPE },
      body,
    });
    return { status: response.status, body: await response.json() };
  };
  const stored = async (): Promise<string[]> => {
    const [folder] = await readdir(uploadDirectory);
    return readdir(join(uploadDirectory, folder as string));
  };
  return { post, stored, port: (app.server.address() as AddressInfo).port, uploadDirectory };
};

describe('a form', () => {
  it('has one limit for all fields together, their names too', async () => {
    const { post } = await serve();
    const fields = (count: number) =>
      Array.from({ length: count }, (_, n) => field(`field-${n}`, 'x'.repeat(90)));
    // Refused for its fields, which the runner does not know, and not for its length.
    expect((await post(formOf(...fields(5)))).status).toBe(400);
    expect(await post(formOf(...fields(11)))).toMatchObject({
      status: 413,
      body: { code: 'RW_REQUEST_INVALID' },
    });
  });

  it('that is refused half-way leaves its connection to the next request', async () => {
    const { port } = await serve();
    const body = formOf(
      field('text', 'x'.repeat(2000)),
      field('file', 'y'.repeat(3_000_000), '; filename="a.bin"'),
    );
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await once(socket, 'connect');
    const head = `POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: ${TYPE}\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(`${head}${body}GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n`);
    await expect
      .poll(() => received.match(/HTTP\/1\.1 \d+/g), { timeout: 5000 })
      .toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  it('may have parts of JSON', async () => {
    const { post } = await serve();
    const asJson = (name: string, content: string) =>
      part(`content-disposition: form-data; name="${name}"\r\ncontent-type: application/json`, content);
    const answer = await post(formOf(asJson('options', '{"a": [1, null]}'), asJson('count', '3')));
    expect(answer).toEqual({ status: 200, body: { options: { a: [1, null] }, count: 3 } });
  });

  it('may have a file without a name', async () => {
    const { post } = await serve();
    const nameless = part(
      'content-disposition: form-data; name="file"\r\ncontent-type: application/octet-stream',
      'abc',
    );
    expect(await post(formOf(nameless))).toEqual({ status: 200, body: { filename: '', bytes: 3 } });
  });

  it('leaves nothing on disk when its client leaves, whenever that is', async () => {
    const { post, port, stored } = await serve();
    const files = ['file', 'file'].map((name) => field(name, 'x'.repeat(60_000), '; filename="a"'));
    const whole = formOf(...files);
    const leave = async (body: string, delay: number): Promise<void> => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      const head = `POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: ${TYPE}\r\ncontent-length: ${whole.length}\r\n\r\n`;
      await new Promise((resolve) => socket.write(head + body, resolve));
      setTimeout(() => socket.destroy(), delay);
      await once(socket, 'close');
    };
    for (const delay of leavers) {
      await leave(whole, delay);
      await leave(whole.slice(0, 50_000), delay);
    }
    // Whatever they sent has been read by the time that this has its answer, or is about to be.
    await post(formOf(field('file', 'abc', '; filename="a"')));
    await expect.poll(stored, { timeout: 5000 }).toEqual([]);
  });

  it('leaves nothing on disk when its deadline passes while it arrives', async () => {
    const { port, stored } = await serve();
    const file = field('file', 'abc', '; filename="a"').slice(0, -2);
    const head = `POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: ${TYPE}\r\nx-request-timeout-ms: 100\r\ncontent-length: 999\r\n\r\n`;
    const { ended } = await rawConnection(`http://127.0.0.1:${port}`, head + file);
    expect(await ended).toMatch(/^HTTP\/1.1 504 /);
    await expect.poll(stored).toEqual([]);
  });

  it('that is compressed is refused, and told so', async () => {
    const { port } = await serve();
    const send = async (encoding: string, body: Uint8Array | string): Promise<[number, string]> => {
      const headers = { 'content-type': TYPE, 'content-encoding': encoding };
      const answer = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', headers, body });
      return [answer.status, await answer.text()];
    };
    const form = formOf(field('count', '3'));
    for (const [encoding, body] of [
      ['gzip', gzipSync(form)],
      ['br', form],
    ] as const) {
      const [status, text] = await send(encoding, body);
      expect(status).toBe(415);
      expect(text).toContain('Send it uncompressed');
    }
    expect(await send('identity', form)).toEqual([200, '{"count":3}']);
  });

  it('is taken again after somebody has removed the folder for files', async () => {
    const { post, uploadDirectory } = await serve();
    const form = formOf(field('file', 'abc', '; filename="a.bin"'));
    expect((await post(form)).status).toBe(200);
    const [folder] = await readdir(uploadDirectory);
    await rm(join(uploadDirectory, folder as string), { recursive: true });
    expect(await post(form)).toEqual({ status: 200, body: { filename: 'a.bin', bytes: 3 } });
  });
});
