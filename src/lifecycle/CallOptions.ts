import type { Cancellation } from '../batching/Cancellation';
import type { RunOptions } from './RunnerHandle';
import type { WorkTracker } from './WorkTracker';

/** Options of one call as other parts of Runwright give them; they are not checked again. */
export interface CallOptions extends RunOptions {
  /** Stands for `signal`, and costs less. */
  readonly cancellation?: Cancellation | undefined;
  readonly tracker?: WorkTracker | undefined;
}
