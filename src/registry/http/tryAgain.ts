import { setTimeout as delay } from 'node:timers/promises';
import { aborted } from './aborted';
import type { HttpRequest } from './HttpRequest';
import { waitBefore, type RetryPolicy } from './RetryPolicy';
import { UnavailableError } from './UnavailableError';

/**
 * Tries until it works, or will not work, or has been tried often enough. What may have been received already is tried again
 * only when the request is repeatable.
 *
 * @param policy asked after each failure
 * @param work told whether an earlier try broke off while its body was sent
 */
export async function tryAgain<T>(
  { method, repeatable = method !== 'POST' && method !== 'PATCH', where, signal }: HttpRequest,
  policy: () => RetryPolicy,
  work: (broken: boolean) => Promise<T>,
): Promise<T> {
  let anyBroken = false;
  for (let tried = 1; ; tried += 1) {
    try {
      return await work(anyBroken);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      const { passing = true, sent = true, broken = false, exhausted = false, retryAfter } = error.details;
      // A body may come out of another service, which has been asked often enough then.
      const may = passing && !exhausted && (repeatable || !sent);
      const wait = may ? waitBefore(policy(), tried, retryAfter) : undefined;
      if (wait === undefined) throw error.after(tried, may);
      anyBroken ||= broken;
      await delay(wait, undefined, signal && { signal }).catch(() => {
        throw aborted(where, signal);
      });
    }
  }
}
