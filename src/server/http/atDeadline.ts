import { RunwrightError } from '../../errors/RunwrightError';

/**
 * Gives up on a body at the deadline of its request.
 *
 * @param deadline by `performance.now()`; `undefined` for none
 * @param late called once at most, with RW_DEADLINE
 * @returns to be cleared when the body is there
 */
export function atDeadline(
  deadline: number | undefined,
  late: (error: RunwrightError) => void,
): NodeJS.Timeout | undefined {
  if (deadline === undefined) return undefined;
  const giveUp = (): void =>
    late(
      new RunwrightError('RW_DEADLINE', {
        where: 'request',
        what: 'its body was not there in time',
        hint: 'Send it faster, or give it more time',
      }),
    );
  return setTimeout(giveUp, deadline - performance.now());
}
