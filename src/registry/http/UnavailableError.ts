import { RunwrightError, type RunwrightErrorOptions } from '../../errors/RunwrightError';

export interface Unavailability extends RunwrightErrorOptions {
  /** Whether the next try may go better. Default true. */
  readonly passing?: boolean | undefined;
  /** Whether the service may have received any of it. Default true. */
  readonly sent?: boolean | undefined;
  /** Whether the connection broke with a body on its way, and perhaps with it what the service answered to that. */
  readonly broken?: boolean | undefined;
  /** Times that it was sent, where that was more than once: the message says it. */
  readonly tries?: number | undefined;
  /** Whether it might have been sent again, but for having been so as often as it may be. Default false. */
  readonly exhausted?: boolean | undefined;
  /** Milliseconds that the service asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** RW_REGISTRY_UNAVAILABLE, and what must be known to decide whether to try again. */
export class UnavailableError extends RunwrightError {
  constructor(readonly details: Unavailability) {
    const { what, tries } = details;
    super('RW_REGISTRY_UNAVAILABLE', {
      ...details,
      what: tries === undefined ? what : `${what} (tried ${tries} times)`,
    });
    // For code, not for logs; to the world it is an error like the others.
    Object.defineProperty(this, 'details', { enumerable: false });
    Object.defineProperty(this, 'name', { value: 'RunwrightError', configurable: true });
  }

  /** The same after the last try. */
  after(tries: number, exhausted = true): UnavailableError {
    const { details } = this;
    return new UnavailableError({
      ...details,
      tries: tries > 1 ? tries : details.tries,
      exhausted: exhausted || details.exhausted,
    });
  }
}
