import { randomBytes } from 'node:crypto';

/** By which the caller, the stages and the log call a request; every answer has it. */
export const REQUEST_ID = 'x-request-id';

/** Ids for requests that bring none: unlike those of any other server, and cheaper than a UUID each. */
export function requestIds(): () => string {
  const prefix = randomBytes(6).toString('base64url');
  let count = 0;
  return () => `${prefix}-${(count += 1).toString(36)}`;
}
