import type { ServerResponse } from 'node:http';
import { Cancellation } from '../../batching/Cancellation';

/** The requests for models that have no whole answer yet, however they came: through a socket or through `inject`. */
export class OpenRequests {
  readonly #open = new Set<Cancellation>();
  #reason: Error | undefined;
  #onIdle: (() => void)[] = [];

  /** @returns fires when the client leaves before it has its whole answer, at once when it has left, and by `callOff` */
  begin(response: ServerResponse): Cancellation {
    const cancellation = new Cancellation();
    if (response.destroyed) {
      cancellation.abort(new Error('the client has left'));
      return cancellation;
    }
    this.#open.add(cancellation);
    response.on('close', () => {
      this.#open.delete(cancellation);
      if (!response.writableFinished) cancellation.abort(new Error('the client has left'));
      if (this.#open.size === 0) this.forget();
    });
    if (this.#reason !== undefined) cancellation.abort(this.#reason);
    return cancellation;
  }

  /** Calls off those that are open and those that still come; each gets its answer. */
  callOff(reason: Error): void {
    this.#reason = reason;
    for (const cancellation of this.#open) cancellation.abort(reason);
  }

  /** Resolves when there are none, or by `forget`. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#onIdle.push(resolve);
    });
  }

  /** Those that are open still are not waited for any longer. */
  forget(): void {
    for (const resolve of this.#onIdle) resolve();
    this.#onIdle = [];
  }
}
