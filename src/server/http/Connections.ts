import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of HTTP servers, and which of them are owed an answer. */
export class Connections {
  readonly #open = new Map<Socket, Set<ServerResponse>>();
  readonly #latest = new WeakMap<Socket, ServerResponse>();
  /** What ends a connection over which something broken came, once what came before it is answered. */
  readonly #broken = new WeakMap<Socket, () => void>();
  #changes = 0;
  #ending = false;

  /** How often a client has connected, or has been answered and may connect again. */
  get changes(): number {
    return this.#changes;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#changes += 1;
      this.#open.set(socket, new Set());
      socket.once('close', () => this.#leave(socket));
    });
    const note = ({ socket }: IncomingMessage, response: ServerResponse): void => {
      const responses = this.#open.get(socket);
      responses?.add(response);
      this.#latest.set(socket, response);
      response.on('close', () => {
        responses?.delete(response);
        this.#changes += 1;
        const refuse = this.#broken.get(socket);
        if (refuse !== undefined) this.breakOff(socket, refuse);
        if (this.#ending) this.#endUnlessOwed(socket);
      });
    };
    server.on('request', note);
    server.on('checkContinue', note);
    server.on('checkExpectation', note);
  }

  /**
   * Ends a connection over which something broken has come.
   *
   * @param refuse answers it and ends the connection; runs when the requests that came whole before have their answers, and
   *   not at all when what is broken is a request that has its answer, or the beginning of it, already
   */
  breakOff(socket: Socket, refuse: () => void): void {
    const owed = [...(this.#open.get(socket) ?? [])].some(({ req }) => req.complete);
    if (owed) this.#broken.set(socket, refuse);
    else if (this.#isAnswering(socket)) socket.destroy();
    else refuse();
  }

  /** Tells each client, by the last answer that it waits for, that its connection ends. */
  announceEnd(): void {
    for (const socket of this.#open.keys()) {
      const latest = this.#latest.get(socket);
      if (latest?.headersSent === false) latest.setHeader('connection', 'close');
    }
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

  /** True while a request that has its answer, or the beginning of it, is under way: a second answer would be taken for the next. */
  #isAnswering(socket: Socket): boolean {
    const latest = this.#latest.get(socket);
    return latest?.headersSent === true && !(latest.writableFinished && latest.req.complete);
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
