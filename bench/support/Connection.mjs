import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One kept-alive HTTP connection with one request under way at a time. It knows answers with a Content-Length only, and costs
 * about a tenth of `node:http`, so that the generator is not what is measured.
 */
export class Connection {
  #socket;
  #answer = Buffer.alloc(0);
  #done;
  #open = true;
  #idleSince = Infinity;
  #idleLimit = Infinity;
  /** Resolves when it is made, or cannot be. */
  connected;

  constructor(host, port) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#open = false;
      this.#finish(0);
    });
    this.connected = new Promise((resolve) => this.#socket.once('connect', resolve).once('close', resolve));
  }

  /** False when it has ended, or the server may be about to end it. */
  get usable() {
    return this.#open && performance.now() - this.#idleSince < this.#idleLimit;
  }

  /** @param done gets the status, 0 when the connection ended without an answer */
  send(bytes, done) {
    this.#done = done;
    this.#idleSince = Infinity;
    this.#socket.write(bytes);
  }

  destroy() {
    this.#socket.destroy();
  }

  #read(chunk) {
    this.#answer = this.#answer.length > 0 ? Buffer.concat([this.#answer, chunk]) : chunk;
    const end = this.#answer.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#answer.latin1Slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) throw new Error(`an answer without a content-length: ${head}`);
    if (this.#answer.length < end + HEAD_END.length + length) return;
    this.#answer = Buffer.alloc(0);
    if (/\r\nconnection: *close/i.test(head)) {
      this.#open = false;
      this.#socket.end();
    }
    this.#idleSince = performance.now();
    // The server's clock has begun before ours.
    this.#idleLimit = (Number(/\r\nkeep-alive: *timeout=(\d+)/i.exec(head)?.[1] ?? Infinity) - 1) * 1000;
    this.#finish(Number(head.slice(9, 12)));
  }

  #finish(status) {
    const done = this.#done;
    this.#done = undefined;
    done?.(status);
  }
}
