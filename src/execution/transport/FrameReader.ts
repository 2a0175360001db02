import { bufferOf } from '../../artifact/bufferOf';
import { type FrameHead, HEAD_BYTES, readHead } from './frame';
import type { ReceivedMessage } from './Message';

const EMPTY = new Uint8Array(0);

/**
 * Finds messages in bytes that arrive in pieces. A body in the middle of a piece is a view of it; one that comes in several
 * pieces is copied once, to its place; one that is a piece of its own is taken as it is.
 */
export class FrameReader {
  /** The beginning of a frame whose head and meta are not complete. */
  #rest: Buffer | undefined;
  /** A frame whose body is not complete. */
  #frame: { readonly head: FrameHead; readonly meta: string } | undefined;
  #body: Uint8Array | undefined;
  #filled = 0;

  constructor(private readonly onMessage: (message: ReceivedMessage) => void) {}

  /** @throws RangeError when the bytes are no messages; nothing can be read after it */
  push(piece: Uint8Array): void {
    let bytes = bufferOf(piece);
    let at = 0;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, bytes]);
      this.#rest = undefined;
    }
    while (at < bytes.length) {
      if (this.#frame === undefined) {
        const start = this.#readStart(bytes, at);
        if (start < 0) return void (this.#rest = at === 0 ? bytes : bytes.subarray(at));
        at = start;
      }
      at = this.#readBody(bytes, at);
    }
  }

  /** Reads head and meta. @returns where the body begins, or -1 when they are not complete */
  #readStart(bytes: Buffer, at: number): number {
    if (bytes.length - at < HEAD_BYTES) return -1;
    const head = readHead(bytes, at);
    const begin = at + HEAD_BYTES;
    const end = begin + head.metaBytes;
    if (bytes.length < end) return -1;
    const meta = head.metaBytes === 0 ? '' : bytes.toString('utf8', begin, end);
    if (head.bodyBytes === 0) this.onMessage({ kind: head.kind, id: head.id, meta, body: EMPTY });
    else this.#frame = { head, meta };
    return end;
  }

  /** @returns where the frame, or what has arrived of it, ends */
  #readBody(bytes: Buffer, at: number): number {
    if (this.#frame === undefined || at === bytes.length) return at;
    const { head, meta } = this.#frame;
    const end = Math.min(bytes.length, at + head.bodyBytes - this.#filled);
    const arrived = bytes.subarray(at, end);
    if (arrived.length === head.bodyBytes && isAligned(arrived, head.alignAt)) {
      this.#body = arrived;
    } else {
      this.#body ??= place(head);
      this.#body.set(arrived, this.#filled);
    }
    this.#filled += arrived.length;
    if (this.#filled === head.bodyBytes) {
      const body = this.#body;
      this.#frame = undefined;
      this.#body = undefined;
      this.#filled = 0;
      this.onMessage({ kind: head.kind, id: head.id, meta, body });
    }
    return end;
  }
}

function isAligned({ byteOffset }: Uint8Array, alignAt: number | undefined): boolean {
  return alignAt === undefined || (byteOffset + alignAt) % 8 === 0;
}

/** Memory for a body, with its byte `alignAt` on a multiple of 8. */
function place({ bodyBytes, alignAt = 0 }: FrameHead): Uint8Array {
  const offset = (8 - (alignAt % 8)) % 8;
  // Buffer's: not filled with zeros first.
  return Buffer.allocUnsafeSlow(offset + bodyBytes).subarray(offset);
}
