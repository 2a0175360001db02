import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** One connection to a server, that sends what it is told to, byte by byte. */
export interface RawConnection {
  readonly socket: Socket;
  /** All that has come. */
  received(): string;
  /** All that came until the server ended the connection. */
  readonly ended: Promise<string>;
}

export async function rawConnection(url: string, text = ''): Promise<RawConnection> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  await once(socket, 'connect');
  socket.write(text);
  return { socket, received: () => received, ended };
}

/** A POST of JSON as it stands on the wire; `length` says more than there is, `chunked` sends it in chunks. */
export function post(
  path: string,
  body: string,
  {
    length = body.length,
    chunked = false,
    headers = '',
  }: { length?: number; chunked?: boolean; headers?: string } = {},
): string {
  const framing = chunked ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  const content = chunked && body !== '' ? chunk(body) : body;
  return `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${headers}${framing}\r\n\r\n${content}`;
}

export function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}
