import type { IncomingMessage, ServerResponse } from 'node:http';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Where requests can be kept waiting for a moment, before anything is done for them. */
export class Gate {
  #waiting: (() => void)[] | undefined;

  /** The handler behind the gate. */
  guard(handler: Handler): Handler {
    return (request, response) => {
      if (this.#waiting === undefined) return handler(request, response);
      this.#waiting.push(() => {
        // The client may have left by now.
        if (!response.destroyed) handler(request, response);
      });
    };
  }

  shut(): void {
    this.#waiting ??= [];
  }

  /** Lets through what waits, in its order. */
  open(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const pass of waiting) pass();
  }
}
