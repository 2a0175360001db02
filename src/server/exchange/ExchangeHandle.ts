import type { Cancellation } from '../../batching/Cancellation';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { WorkTracker } from '../../lifecycle/WorkTracker';
import type { ExchangeAnswer } from './ExchangeAnswer';
import type { ExchangeRequest } from './ExchangeRequest';

export interface ExchangeOptions {
  /** Fires when the caller has left. */
  readonly cancellation: Cancellation;
  readonly requestId: string;
  /** Milliseconds from now in which the answer must be there; absent for no limit. */
  readonly timeout?: number | undefined;
  /** Told when the runner is at work, where it is in this thread. */
  readonly tracker?: WorkTracker | undefined;
}

/** A handle whose runner is in another thread or process, where the work on the bytes is done too. */
export interface ExchangeHandle extends RunnerHandle {
  /** Requests that may be under way at once; more wait better where they can still be dropped. */
  readonly capacity: number;
  /** Never rejects for a failure of the request: that is an answer. Rejects with RW_WORKER_FAILED, RW_HANDLE_STATE, RW_DEADLINE, RW_ABORTED. */
  exchange(request: ExchangeRequest, options: ExchangeOptions): Promise<ExchangeAnswer>;
}

export function isExchangeHandle(handle: RunnerHandle): handle is ExchangeHandle {
  return 'exchange' in handle && typeof handle.exchange === 'function';
}
