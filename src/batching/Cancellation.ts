/**
 * Whether somebody still waits for an answer. It stands for an `AbortSignal`, which costs more than the rest of a short
 * call: the signal is made when somebody first asks for it.
 *
 * @example
 * const cancellation = new Cancellation();
 * const stop = cancellation.onAbort(() => queue.remove(item));
 * cancellation.abort(new Error('the client has left'));
 */
export class Cancellation {
  #aborted = false;
  #reason: unknown;
  #controller: AbortController | undefined;
  // Nearly always there is one callback or none.
  #callback: (() => void) | undefined;
  #more: Set<() => void> | undefined;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Fires with this, by the same reason. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first call counts. A callback must not throw. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const first = this.#callback;
    const more = this.#more;
    this.#callback = undefined;
    this.#more = undefined;
    first?.();
    more?.forEach((callback) => callback());
    this.#controller?.abort(reason);
  }

  /**
   * Calls `callback` once when this fires, at once when it has.
   *
   * @returns takes the callback back
   */
  onAbort(callback: () => void): () => void {
    if (this.#aborted) {
      callback();
      return nothing;
    }
    if (this.#callback === undefined) {
      this.#callback = callback;
      return () => {
        if (this.#callback === callback) this.#callback = undefined;
      };
    }
    // A new function each time: the same callback may wait twice.
    const entry = (): void => callback();
    const more = (this.#more ??= new Set());
    more.add(entry);
    return () => void more.delete(entry);
  }
}

const nothing = (): void => undefined;
