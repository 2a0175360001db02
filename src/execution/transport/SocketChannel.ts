import type { Socket } from 'node:net';
import type { Channel, ChannelListener } from './Channel';
import { FrameReader } from './FrameReader';
import type { Message } from './Message';
import { Outbox } from './Outbox';
import { packFrames } from './packFrames';

/** A channel to another process, over a socket that the two share. */
export class SocketChannel implements Channel {
  readonly #outbox: Outbox;

  constructor(private readonly socket: Socket) {
    // What fails is followed by `close`.
    socket.on('error', () => undefined);
    this.#outbox = new Outbox((messages) => {
      if (!socket.writable) return;
      socket.cork();
      for (const { bytes } of packFrames(messages)) socket.write(bytes);
      socket.uncork();
    });
  }

  listen({ onMessage, onEnd }: ChannelListener): void {
    const reader = new FrameReader(onMessage);
    let cause: Error | undefined;
    this.socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        cause = error as Error;
        this.socket.destroy();
      }
    });
    this.socket.once('end', () => this.socket.destroy());
    this.socket.once('close', () => onEnd(cause));
  }

  send(message: Message): void {
    this.#outbox.add(message);
  }

  flush(): void {
    this.#outbox.flush();
  }

  close(): void {
    this.#outbox.flush();
    this.socket.end();
  }

  setRef(ref: boolean): void {
    if (ref) this.socket.ref();
    else this.socket.unref();
  }
}
