import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of HTTP servers, and which of them are owed an answer. */
export class Connections {
  readonly #open = new Map<Socket, Set<ServerResponse>>();
  readonly #latest = new WeakMap<Socket, ServerResponse>();
  #ending = false;

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#open.set(socket, new Set());
      socket.once('close', () => this.#leave(socket));
    });
    const note = ({ socket }: IncomingMessage, response: ServerResponse): void => {
      const responses = this.#open.get(socket);
      responses?.add(response);
      this.#latest.set(socket, response);
      response.on('close', () => {
        responses?.delete(response);
        if (this.#ending) this.#endUnlessOwed(socket);
      });
    };
    server.on('request', note);
    server.on('checkExpectation', note);
  }

  /** True while a request that has its answer, or the beginning of it, is under way: a second answer would be taken for the next. */
  isAnswering(socket: Socket): boolean {
    const latest = this.#latest.get(socket);
    return latest?.headersSent === true && !(latest.writableFinished && latest.req.complete);
  }

  /** Ends every connection that has no request, and each of the others after its answer. */
  endUnowed(): void {
    this.#ending = true;
    for (const socket of this.#open.keys()) this.#endUnlessOwed(socket);
  }

  /** Ends every connection whose requests have not arrived whole. */
  endArriving(): void {
    for (const [socket, responses] of this.#open) {
      if (![...responses].some(({ req }) => req.complete)) socket.destroySoon();
    }
  }

  /** Ends all of them at once. */
  cut(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #endUnlessOwed(socket: Socket): void {
    if ((this.#open.get(socket)?.size ?? 0) === 0) socket.destroySoon();
  }

  #leave(socket: Socket): void {
    const responses = this.#open.get(socket) ?? [];
    this.#open.delete(socket);
    for (const response of responses) {
      // Of pipelined requests Node tells only the first that its client has left: the others have no socket yet.
      if (response.socket !== null) continue;
      response.destroy();
      response.emit('close');
    }
  }
}
