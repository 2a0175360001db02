import { randomUUID } from 'node:crypto';
import type { Logger, RunContext } from '../metadata/contexts';
import type { RunOptions } from './RunnerHandle';

/**
 * The context of one request. Signal and id are made when a stage first asks for them: a controller costs more than all
 * the rest of a call, and a signal shared by all calls would gather the listeners of all.
 */
export class RequestContext implements RunContext {
  private given: AbortSignal | undefined;
  private id: string | undefined;

  constructor(
    readonly logger: Logger,
    options: RunOptions | undefined,
  ) {
    this.given = options?.signal;
    this.id = options?.requestId;
  }

  get signal(): AbortSignal {
    return (this.given ??= new AbortController().signal);
  }

  get requestId(): string {
    return (this.id ??= randomUUID());
  }

  get aborted(): boolean {
    return this.given !== undefined && this.given.aborted;
  }
}
