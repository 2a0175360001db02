import { ownBody, PREFIX_BYTES, readPrefix, type FramePrefix } from './sidecarFrame';

/** Finds the answers of the side-car in bytes that arrive in pieces. */
export class SidecarFrameReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #prefix: FramePrefix | undefined;

  /** @param onFrame gets the header as JSON, and the body in memory that nothing else uses */
  constructor(private readonly onFrame: (header: unknown, body: Uint8Array) => void) {}

  /** @throws RangeError or SyntaxError when the bytes are no frames; nothing can be read after it */
  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    for (;;) {
      if (this.#size < PREFIX_BYTES) return;
      const { headerBytes, bodyBytes } = (this.#prefix ??= readPrefix(this.#join()));
      const begin = PREFIX_BYTES + headerBytes;
      const end = begin + bodyBytes;
      if (this.#size < end) return;
      const bytes = this.#join();
      this.#pieces = end < bytes.length ? [bytes.subarray(end)] : [];
      this.#size -= end;
      this.#prefix = undefined;
      const header: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, begin));
      this.onFrame(header, ownBody(bytes.subarray(begin, end)));
    }
  }

  #join(): Buffer {
    const [only] = this.#pieces;
    if (only !== undefined && this.#pieces.length === 1) return only;
    const joined = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [joined];
    return joined;
  }
}
