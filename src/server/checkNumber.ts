import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  /** Whether it may have a fraction. Default false. */
  readonly fraction?: boolean;
}

/** Milliseconds that a timer takes; 0 for no limit. */
export const TIMER: NumberRange = { least: 0, most: 2 ** 31 - 1 };

/** Milliseconds for an answer; `Infinity` for no limit. */
export const TIMEOUT: NumberRange = { least: 1, most: Infinity, fraction: true };

/**
 * Refuses an option that is not a number of the range; `undefined` passes.
 *
 * @throws RunwrightError RW_OPTION_INVALID
 */
export function checkNumber(
  name: string,
  value: unknown,
  { least, most = Number.MAX_SAFE_INTEGER, fraction = false }: NumberRange,
): void {
  if (value === undefined) return;
  const fits = typeof value === 'number' && value >= least && value <= most;
  if (fits && (fraction || Number.isSafeInteger(value))) return;
  const upTo = most >= Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'createServer',
    what: `${name} is ${typeof value === 'number' ? String(value) : describeType(value)}`,
    hint: `Give ${fraction ? 'a number' : 'an integer'} ${upTo}, or leave it out`,
  });
}
