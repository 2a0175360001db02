import { RunwrightError, type RunwrightErrorOptions } from '../../errors/RunwrightError';

/** RW_REGISTRY_DENIED, and the status that said so. */
export class DeniedError extends RunwrightError {
  constructor(
    readonly status: 401 | 403,
    options: RunwrightErrorOptions,
  ) {
    super('RW_REGISTRY_DENIED', options);
    // For code, not for logs; to the world it is an error like the others.
    Object.defineProperty(this, 'status', { enumerable: false });
    Object.defineProperty(this, 'name', { value: 'RunwrightError', configurable: true });
  }
}
