import { Cancellation } from '../../batching/Cancellation';
import { WorkCount } from '../../lifecycle/WorkCount';
import { FIRST_CREDIT } from '../pool/ItemStream';

/** One request that this worker is at work for. */
export class RunningCall extends WorkCount {
  readonly cancellation = new Cancellation();
  /** Items that may still be sent. */
  #credit = FIRST_CREDIT;
  #onCredit: (() => void) | undefined;

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
