import { isNameComponent } from '../artifact/Reference';
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

function component(option: string, value: unknown): string {
  if (isNameComponent(value)) return value;
  const received = typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : describeType(value);
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: option,
    what: `${received} is not a name`,
    hint: NAME_FORM,
  });
}
