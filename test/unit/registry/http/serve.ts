import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  createServer as createRawServer,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { onTestFinished } from 'vitest';

export interface Served {
  /** `http://127.0.0.1:<port>/`, or https on localhost. */
  readonly url: URL;
  readonly port: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback, ended with the test. */
export async function serve(
  handler: Handler,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Served> {
  const server: Server = tls === undefined ? createServer(handler) : createSecureServer(tls, handler);
  const port = await listen(server);
  onTestFinished(() => server.closeAllConnections());
  return {
    url: new URL(tls === undefined ? `http://127.0.0.1:${port}/` : `https://localhost:${port}/`),
    port,
  };
}

/** A server of bare connections: for what no HTTP server would do. */
export async function serveRaw(handler: (socket: Socket) => void): Promise<Served> {
  const sockets = new Set<Socket>();
  const port = await listen(
    createRawServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
      handler(socket);
    }),
  );
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  return { url: new URL(`http://127.0.0.1:${port}/`), port };
}

async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port of loopback where nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createRawServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All of a request's body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
