import { Cancellation } from '../batching/Cancellation';
import type { BatchContext, Logger } from '../metadata/contexts';
import type { RequestContext } from './RequestContext';

/** The context of one call of a batched predict. Its signal is made when predict first asks for it. */
export class BatchRequestContext implements BatchContext {
  private everyone: Cancellation | undefined;
  private stops: readonly (() => void)[] = [];

  constructor(
    readonly logger: Logger,
    readonly items: readonly RequestContext[],
  ) {}

  get signal(): AbortSignal {
    return (this.everyone ??= this.watch()).signal;
  }

  /** True when every caller has left. */
  get aborted(): boolean {
    return this.items.every(({ aborted }) => aborted);
  }

  /** Why they have left. */
  get reason(): unknown {
    return this.items[0]?.reason;
  }

  /** To be called when predict has ended. */
  end(): void {
    for (const stop of this.stops) stop();
  }

  private watch(): Cancellation {
    const everyone = new Cancellation();
    const callers = this.items.flatMap(({ cancellation }) => cancellation ?? []);
    // Who cannot leave keeps the batch alive.
    if (callers.length < this.items.length) return everyone;
    let waiting = callers.length;
    this.stops = callers.map((caller) =>
      caller.onAbort(() => {
        waiting -= 1;
        if (waiting === 0) everyone.abort(caller.reason);
      }),
    );
    return everyone;
  }
}
