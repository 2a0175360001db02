import type { MessagePort, TransferListItem } from 'node:worker_threads';
import type { Channel, ChannelListener } from './Channel';
import { FrameReader } from './FrameReader';
import type { Message } from './Message';
import { Outbox } from './Outbox';
import { packFrames, type Segment } from './packFrames';

/** Bytes that a view may leave unused of memory that is moved with it: those that align it. */
const SLACK = 16;

/** A channel to another thread of this process: memory is moved to it where it can be. */
export class PortChannel implements Channel {
  readonly #outbox: Outbox;

  constructor(private readonly port: MessagePort) {
    this.#outbox = new Outbox((messages) => {
      const pieces = packFrames(messages).map(toOwned);
      const memory = new Set(pieces.map(({ buffer }) => buffer));
      port.postMessage(pieces, [...memory] as TransferListItem[]);
    });
  }

  listen({ onMessage, onEnd }: ChannelListener): void {
    const reader = new FrameReader(onMessage);
    this.port.on('message', (pieces: readonly Uint8Array[]) => {
      for (const piece of pieces) reader.push(piece);
    });
    this.port.once('close', () => onEnd());
  }

  send(message: Message): void {
    this.#outbox.add(message);
  }

  flush(): void {
    this.#outbox.flush();
  }

  close(): void {
    this.#outbox.flush();
    this.port.close();
  }

  setRef(ref: boolean): void {
    if (ref) this.port.ref();
    else this.port.unref();
  }
}

/** The bytes in memory of their own. A message that named only a part of some memory would copy all of it. */
function toOwned({ bytes, owned }: Segment): Uint8Array {
  const { buffer, byteLength } = bytes;
  if (owned && buffer instanceof ArrayBuffer && buffer.byteLength - byteLength < SLACK) return bytes;
  return new Uint8Array(bytes);
}
