import { isAlias } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';

/** @throws RunwrightError RW_REFERENCE_INVALID */
export function checkAlias(alias: string): string {
  if (isAlias(alias)) return alias;
  throw new RunwrightError('RW_REFERENCE_INVALID', {
    where: alias,
    what: 'this is not an alias',
    hint: 'Write at most 128 letters, digits, "_", "." and "-", not digits alone, and neither "." nor "-" first',
  });
}
