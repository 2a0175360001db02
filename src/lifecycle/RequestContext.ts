import { Cancellation } from '../batching/Cancellation';
import type { Logger, RunContext } from '../metadata/contexts';

/**
 * The context of one request. Signal and id are made when a stage first asks for them: a controller costs more than all
 * the rest of a call, and a signal shared by all calls would gather the listeners of all.
 */
export class RequestContext implements RunContext {
  private never: Cancellation | undefined;

  constructor(
    readonly logger: Logger,
    private id?: string,
    /** Fires when the caller has left; absent for a caller that waits for ever. */
    readonly cancellation?: Cancellation,
  ) {}

  get signal(): AbortSignal {
    return (this.cancellation ?? (this.never ??= new Cancellation())).signal;
  }

  get requestId(): string {
    return (this.id ??= crypto.randomUUID());
  }

  get aborted(): boolean {
    return this.cancellation !== undefined && this.cancellation.aborted;
  }

  /** Why the caller has left. */
  get reason(): unknown {
    return this.cancellation?.reason;
  }
}
