import { Cancellation } from '../../batching/Cancellation';
import type { WorkTracker } from '../../lifecycle/WorkTracker';
import { FIRST_CREDIT } from '../pool/ItemStream';

/** One request that this worker is at work for. */
export class RunningCall implements WorkTracker {
  readonly cancellation = new Cancellation();
  /** Items that may still be sent. */
  #credit = FIRST_CREDIT;
  #onCredit: (() => void) | undefined;
  #working = 0;
  #onIdle: (() => void) | undefined;

  begin(): void {
    this.#working += 1;
  }

  end(): void {
    this.#working -= 1;
    if (this.#working === 0) this.#onIdle?.();
  }

  /** A promise when code of the runner is still at work for it, which is so when it was answered early. */
  untilIdle(): Promise<void> | undefined {
    return this.#working === 0 ? undefined : new Promise((resolve) => (this.#onIdle = resolve));
  }

  grant(items: number): void {
    this.#credit += items;
    this.#onCredit?.();
  }

  /** Takes the right to send one item. @returns false when nobody wants it any more */
  async takeCredit(): Promise<boolean> {
    while (this.#credit === 0 && !this.cancellation.aborted) {
      await new Promise<void>((resolve) => {
        const stop = this.cancellation.onAbort(resolve);
        this.#onCredit = () => {
          stop();
          resolve();
        };
      });
    }
    this.#credit -= 1;
    return !this.cancellation.aborted;
  }
}
