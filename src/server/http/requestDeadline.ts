import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../exchange/RequestError';

/** Milliseconds in which the caller wants its answer; later it is of no use to it. */
const TIMEOUT_HEADER = 'x-request-timeout-ms';

/** Timers take no more than this. */
const LONGEST = 2 ** 31 - 1;

/**
 * When the answer to a request that arrives now is late, by `performance.now()`: the shorter of what the caller and the
 * server give; `undefined` when neither gives one.
 *
 * @param standard milliseconds
 * @throws RequestError 400 for a header that is not a positive number
 */
export function requestDeadline(
  headers: IncomingHttpHeaders,
  standard: number | undefined,
): number | undefined {
  const wish = headers[TIMEOUT_HEADER];
  if (wish === undefined) return standard === undefined ? undefined : performance.now() + standard;
  const timeout = Number(wish);
  if (!(timeout > 0)) {
    throw new RequestError(
      400,
      `the header ${TIMEOUT_HEADER} is not a positive number`,
      'Give milliseconds, such as 250',
    );
  }
  return performance.now() + Math.min(timeout, standard ?? LONGEST, LONGEST);
}
