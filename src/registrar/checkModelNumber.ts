import { isModelNumber } from '../artifact/Reference';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';

/** @throws RunwrightError RW_OPTION_INVALID unless `null` or a positive integer */
export function checkModelNumber(modelNumber: unknown): number | null {
  if (modelNumber === null || isModelNumber(modelNumber)) return modelNumber;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'modelNumber',
    what: `a positive integer or null is expected, received ${typeof modelNumber === 'number' ? modelNumber : describeType(modelNumber)}`,
    hint: 'Pass null for a new number, or a number that the registry has given',
  });
}
