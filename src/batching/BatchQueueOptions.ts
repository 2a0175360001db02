import type { BatchItem, BatchOutcome } from './BatchItem';
import type { Cancellation } from './Cancellation';
import type { Clock } from './Clock';

export interface BatchQueueOptions<T, R> {
  /** For messages: whose queue it is. */
  readonly where: string;
  /** One outcome per item, in their order. A rejection fails all of them. */
  readonly run: (items: readonly BatchItem<T>[]) => Promise<readonly BatchOutcome<R>[]>;
  /** Most items of one run. */
  readonly maxSize: number;
  /** Milliseconds that an item may wait for others while a run could start. Default 0. */
  readonly maxDelay?: number | undefined;
  /** What an item costs, in the unit of `maxCost`. Default 1. What it throws fails that item alone. */
  readonly cost?: ((value: T) => number) | undefined;
  /** Most that the items of one run cost together; one item alone may cost more. Default: no limit. */
  readonly maxCost?: number | undefined;
  /** Only items of one bucket share a run. Default: all do. What it throws fails that item alone. */
  readonly bucket?: ((value: T) => string) | undefined;
  /** Most items that wait, beside those that fit into runs that could start. Default: no limit. */
  readonly maxWaiting?: number | undefined;
  /** Most runs at once. Default 1. */
  readonly concurrency?: number | undefined;
  /**
   * Milliseconds of one turn of the event loop after which no more runs are begun in it, for runs that block the loop: it
   * reads what has arrived, and the queue can refuse what is too much. Default: no limit.
   */
  readonly turnLimit?: number | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

export interface AddOptions {
  /** Fires when the caller has left. */
  readonly cancellation?: Cancellation | undefined;
  /** Milliseconds from now in which the answer must be there. Default: no limit. */
  readonly timeout?: number | undefined;
}
