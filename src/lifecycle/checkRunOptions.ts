import { checkOptions } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import type { RunManyOptions } from './RunnerHandle';

/**
 * Refuses options that would stop a call half-way, before it counts as running.
 *
 * @param where the runner's class
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function checkRunOptions(options: RunManyOptions | undefined, where: string): void {
  if (options === undefined) return;
  checkOptions<RunManyOptions>(where, options, {
    signal: 'signal',
    requestId: 'string',
    timeout: 'any',
    concurrency: 'any',
  });
  const { concurrency } = options;
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && concurrency > 0)) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: `${where}, option \`concurrency\``,
    what: `a positive integer is expected, received ${String(concurrency)}`,
    hint: 'Leave it out for 8 at once',
  });
}
