import type { Issue } from '../../errors/Issue';
import { RunwrightError } from '../../errors/RunwrightError';

/** A request that cannot be taken as it came, with the HTTP status that says so. The caller is told all of it. */
export class RequestError extends RunwrightError {
  /**
   * @param what without the class or file that the other errors name: a caller knows neither
   * @param issues where in the request, when there is a place to name
   */
  constructor(
    readonly status: number,
    what: string,
    hint: string,
    readonly issues: readonly Issue[] = [],
  ) {
    super('RW_REQUEST_INVALID', { where: 'request', what, hint });
  }
}
