import type { Message, ReceivedMessage } from './Message';

export interface ChannelListener {
  readonly onMessage: (message: ReceivedMessage) => void;
  /**
   * Called once: nothing arrives any more, and nothing is sent.
   *
   * @param cause what arrived that was no message, if that ended it
   */
  readonly onEnd: (cause?: Error) => void;
}

/** Messages both ways between a program and one of its workers, in order. */
export interface Channel {
  /** To be called once, at once; what arrived before is not lost. */
  listen(listener: ChannelListener): void;
  /** Sent at the end of this turn of the event loop, together with everything else of the turn. */
  send(message: Message): void;
  /** Sends at once what waits, where nothing more is to come in this turn. */
  flush(): void;
  /** Sends what waits, then ends. */
  close(): void;
  /** Whether the channel alone keeps its process alive. */
  setRef(ref: boolean): void;
}
