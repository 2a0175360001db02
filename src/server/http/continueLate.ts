import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/**
 * Tells clients that wait for `100 Continue` to send their bodies when somebody reads them, and not at all where the answer is there by
 * then: a body that is refused by its head is not sent first.
 */
export function continueLate(server: Server, handler: RequestListener): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const read = request._read.bind(request);
    request._read = (size) => {
      request._read = read;
      if (!response.headersSent) response.writeContinue();
      read(size);
    };
    handler(request, response);
  });
}
