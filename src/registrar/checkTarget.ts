import { isModelNumber, isNameComponent } from '../artifact/Reference';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import type { RepositoryName } from '../registry/Registry';

const NAME_FORM =
  'Use lower-case letters and digits, joined by single ".", "_" or "-", 128 characters at most';

/** @throws RunwrightError RW_OPTION_INVALID for a name that no registry takes */
export function checkRepositoryName(repositoryName: unknown, organizationName: unknown): RepositoryName {
  return {
    organization: component('organizationName', organizationName),
    repository: component('repositoryName', repositoryName),
  };
}

/** @throws RunwrightError RW_OPTION_INVALID unless `null` or a positive integer */
export function checkModelNumber(modelNumber: unknown): number | null {
  if (modelNumber === null || isModelNumber(modelNumber)) return modelNumber;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: 'modelNumber',
    what: `a positive integer or null is expected, received ${typeof modelNumber === 'number' ? modelNumber : describeType(modelNumber)}`,
    hint: 'Pass null for a new number, or a number that the registry has given',
  });
}

function component(option: string, value: unknown): string {
  if (isNameComponent(value)) return value;
  const received = typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : describeType(value);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: option,
    what: `${received} is not a name`,
    hint: NAME_FORM,
  });
}
