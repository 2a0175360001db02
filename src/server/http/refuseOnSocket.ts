import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorAnswer } from '../exchange/ErrorAnswer';
import { JSON_TYPE } from '../exchange/JSON_TYPE';

/** Answers where Node has no response to write to, in the one form of errors, and ends the connection. */
export function refuseOnSocket(socket: Socket, { status, body }: ErrorAnswer): void {
  const text = JSON.stringify(body);
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      `content-type: ${JSON_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n` +
      `connection: close\r\n\r\n${text}`,
  );
  socket.destroySoon();
}
