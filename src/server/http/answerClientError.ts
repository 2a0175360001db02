import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorAnswer, type ErrorAnswer } from '../exchange/ErrorAnswer';

/** Answers what is no HTTP request, in the one form of errors, and ends the connection. */
export function answerClientError({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = answerOf(code);
  const text = JSON.stringify(body);
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'content-type: application/json; charset=utf-8\r\n' +
      `content-length: ${Buffer.byteLength(text)}\r\n` +
      `connection: close\r\n\r\n${text}`,
  );
  socket.destroySoon();
}

function answerOf(code: string | undefined): ErrorAnswer {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return errorAnswer(431, 'RW_REQUEST_INVALID', 'the headers are larger than this server takes');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errorAnswer(408, 'RW_REQUEST_INVALID', 'the request did not arrive in time');
    default:
      return errorAnswer(400, 'RW_REQUEST_INVALID', 'the request is not valid HTTP');
  }
}
