import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorAnswer, type ErrorAnswer } from '../exchange/ErrorAnswer';
import type { Connections } from './Connections';
import { refuseOnSocket } from './refuseOnSocket';

/** Answers what is no HTTP request, or none that a server of ours can take, and ends its connection. */
export function refuseBrokenRequests(server: Server, connections: Connections): void {
  const refuse = (duplex: Duplex, answer: ErrorAnswer): void => {
    const socket = duplex as Socket;
    connections.breakOff(socket, () => {
      if (socket.writable) refuseOnSocket(socket, answer);
      else socket.destroy();
    });
  };
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    // Nobody is there to be answered.
    if (code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, answerOf(code));
  });
  server.on('connect', (_request, socket) => {
    // Node leaves the connection to whoever takes CONNECT.
    socket.on('error', () => undefined);
    refuse(
      socket,
      errorAnswer(405, 'RW_REQUEST_INVALID', 'the server is no proxy: it does not take CONNECT'),
    );
  });
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
