import { isNameComponent } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';

/**
 * A name of an organization or a repository as it is: it may become part of a path or of a URL, and `..` must not get through.
 *
 * @throws RunwrightError RW_REFERENCE_INVALID
 */
export function checkName(name: string): string {
  if (isNameComponent(name)) return name;
  throw new RunwrightError('RW_REFERENCE_INVALID', {
    where: name,
    what: 'this is not a name of an organization or a repository',
    hint: 'Write at most 128 lower-case letters and digits, joined by single ".", "_" or "-"',
  });
}
