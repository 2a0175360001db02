import { Cancellation } from '../batching/Cancellation';
import { checkOptions } from '../errors/checkOptions';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { CallOptions } from './CallOptions';
import type { RunManyOptions } from './RunnerHandle';

/**
 * Refuses options that would stop a call half-way, before it counts as running.
 *
 * @param where the runner's class
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function checkRunOptions(options: (RunManyOptions & CallOptions) | undefined, where: string): void {
  // Only Runwright itself has these, and it calls for every request.
  if (options === undefined || options.cancellation instanceof Cancellation) return;
  checkOptions<RunManyOptions>(where, options, {
    signal: 'signal',
    requestId: 'string',
    timeout: 'any',
    concurrency: 'any',
  });
  const { concurrency, timeout } = options;
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `${where}, option \`concurrency\``,
      what: `a positive integer is expected, received ${shown(concurrency)}`,
      hint: 'Leave it out for 8 at once',
    });
  }
  if (timeout !== undefined && !(Number.isFinite(timeout) && timeout > 0)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `${where}, option \`timeout\``,
      what: `a positive number of milliseconds is expected, received ${shown(timeout)}`,
      hint: 'Leave it out for no limit',
    });
  }
}

// What JavaScript passes may be anything; only numbers are shown.
const shown = (value: unknown): string => (typeof value === 'number' ? String(value) : describeType(value));
