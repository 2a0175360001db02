import type { WorkTracker } from './WorkTracker';

/** Knows whether code of a runner is at work for a call, which may be so after the call was answered. */
export class WorkCount implements WorkTracker {
  #working = 0;
  #onIdle: (() => void) | undefined;

  begin(): void {
    this.#working += 1;
  }

  end(): void {
    this.#working -= 1;
    if (this.#working === 0) this.#onIdle?.();
  }

  /** A promise while there is work. */
  untilIdle(): Promise<void> | undefined {
    return this.#working === 0 ? undefined : new Promise((resolve) => (this.#onIdle = resolve));
  }
}
