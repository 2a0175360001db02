/** How often, and after which waits, a request is sent again. Milliseconds. */
export interface RetryPolicy {
  /** Times that it is sent in all. */
  readonly tries: number;
  /** The first wait is at most this long, each one after it at most twice as long as the one before. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** A service that asks for a longer wait (Retry-After) is not waited for. */
  readonly longestRetryAfter: number;
}

export const RETRY_POLICY: RetryPolicy = {
  tries: 6,
  firstWait: 500,
  longestWait: 10_000,
  longestRetryAfter: 60_000,
};

/**
 * The wait before the next try: any length up to the limit with equal chance, so that clients that failed together do not
 * come back together (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 *
 * @param tried times that it has been sent
 * @param retryAfter what the service asked for
 * @returns `undefined` when it is not to be sent again
 */
export function waitBefore(
  policy: RetryPolicy,
  tried: number,
  retryAfter: number | undefined,
): number | undefined {
  if (tried >= policy.tries) return undefined;
  const jitter = Math.random() * Math.min(policy.longestWait, policy.firstWait * 2 ** (tried - 1));
  if (retryAfter === undefined) return jitter;
  return retryAfter > policy.longestRetryAfter ? undefined : retryAfter + Math.min(jitter, retryAfter / 10);
}
