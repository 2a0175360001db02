import { setImmediate } from 'node:timers';
import type { Message } from './Message';
import { measure, type MeasuredMessage } from './packFrames';

/** Gathers the messages of one turn of the event loop: one write for all of them costs little more than one for each. */
export class Outbox {
  #waiting: MeasuredMessage[] = [];
  #scheduled = false;

  constructor(private readonly write: (messages: readonly MeasuredMessage[]) => void) {}

  /** @throws RangeError for a message that is too long */
  add(message: Message): void {
    this.#waiting.push(measure(message));
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.write(messages);
  }
}
