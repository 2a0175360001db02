import { RunwrightError, type RunwrightErrorOptions } from '../../errors/RunwrightError';

export interface Unavailability extends RunwrightErrorOptions {
  /** Whether the next try may go better. Default true. */
  readonly passing?: boolean | undefined;
  /** Whether the service may have received any of it. Default true. */
  readonly sent?: boolean | undefined;
  /** Whether the connection broke with a body on its way, and perhaps with it what the service answered to that. */
  readonly broken?: boolean | undefined;
  /** Milliseconds that the service asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** RW_REGISTRY_UNAVAILABLE, and what must be known to decide whether to try again. */
export class UnavailableError extends RunwrightError {
  constructor(readonly details: Unavailability) {
    super('RW_REGISTRY_UNAVAILABLE', details);
    // For code, not for logs; to the world it is an error like the others.
    Object.defineProperty(this, 'details', { enumerable: false });
    Object.defineProperty(this, 'name', { value: 'RunwrightError', configurable: true });
  }

  /** The same after the last try. */
  after(tries: number): UnavailableError {
    return new UnavailableError({ ...this.details, what: `${this.what} (tried ${tries} times)` });
  }
}
