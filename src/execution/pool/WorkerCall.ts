import type { Cancellation } from '../../batching/Cancellation';
import { systemClock } from '../../batching/Clock';
import { deadlineError } from '../../batching/deadlineError';
import { stoppedError } from '../../batching/stoppedError';
import type { RunwrightError } from '../../errors/RunwrightError';
import { KIND, type Message, type ReceivedMessage } from '../transport/Message';
import { fromWireError, type WireError } from '../wire/WireError';
import { ItemStream } from './ItemStream';

/** What a worker answered: one body, or items that are still coming. */
export interface Reply {
  readonly meta: string;
  readonly body: Uint8Array;
  readonly items?: ItemStream;
}

export interface WorkerCallOptions {
  /** For messages. */
  readonly where: string;
  readonly cancellation?: Cancellation | undefined;
  /** Milliseconds until the answer, and all items of a streamed one, must be there. */
  readonly timeout?: number | undefined;
  /** Called once, when the caller has its whole answer. */
  readonly onSettled: () => void;
}

/** Who carries a call to a worker. */
export interface CallCarrier {
  send(message: Message): void;
  /** The caller has its answer, `error`, while the worker is still at work for it. */
  abandon(call: WorkerCall, error: RunwrightError): void;
}

/** One request to a worker, from its queueing to the end of its work. Its caller gets exactly one answer. */
export class WorkerCall {
  readonly answered: Promise<Reply>;
  /** Set while a worker has it. */
  carrier: CallCarrier | undefined;
  #settled = false;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: Error) => void;
  #items: ItemStream | undefined;
  #stopTimer: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #onSettled: () => void;

  constructor(
    readonly message: Message,
    { where, cancellation, timeout, onSettled }: WorkerCallOptions,
  ) {
    this.#onSettled = onSettled;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (timeout !== undefined && timeout !== Infinity) {
      this.#stopTimer = systemClock.after(timeout, () => this.leave(deadlineError(where, timeout)));
    }
    if (cancellation !== undefined) {
      this.#stopWatching = cancellation.onAbort(() => this.leave(stoppedError(where, cancellation.reason)));
    }
  }

  get id(): number {
    return this.message.id;
  }

  /** True when nobody waits for it any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Answers with `error` before the worker did. */
  leave(error: RunwrightError): void {
    if (this.#settled) return;
    this.fail(error);
    this.carrier?.abandon(this, error);
  }

  fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    this.#items?.fail(error);
  }

  /** @returns true when the worker has nothing more to do for it */
  receive({ kind, meta, body }: ReceivedMessage): boolean {
    switch (kind) {
      case KIND.answer:
        if (!this.#settled) {
          this.#settle();
          this.#resolve({ meta, body });
        }
        return true;
      case KIND.opened:
        if (!this.#settled) this.#open(meta, body);
        return false;
      case KIND.item:
        if (!this.#settled) this.#items?.push(body);
        return false;
      case KIND.end:
        if (!this.#settled) {
          this.#settle();
          this.#items?.end();
        }
        return true;
      case KIND.error:
        if (!this.#settled) this.fail(fromWireError(JSON.parse(meta) as WireError));
        return true;
      default:
        return false;
    }
  }

  #open(meta: string, body: Uint8Array): void {
    const { id } = this;
    this.#items = new ItemStream(
      (count) => this.carrier?.send({ kind: KIND.credit, id, meta: String(count) }),
      () => this.leave(stoppedError('stream', new Error('the consumer of the items has left'))),
    );
    this.#resolve({ meta, body, items: this.#items });
  }

  #settle(): void {
    this.#settled = true;
    this.#stopTimer?.();
    this.#stopWatching?.();
    this.#onSettled();
  }
}
