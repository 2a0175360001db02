import type { Cancellation } from './Cancellation';

/** One item of a batch, as whoever runs the batch sees it. */
export interface BatchItem<T> {
  readonly value: T;
  /** Fires when nobody waits for this item's answer any more. */
  readonly cancellation: Cancellation;
}

/** What became of one item. */
export type BatchOutcome<R> =
  { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };
