import { ValidationError } from '../../errors/ValidationError';

/**
 * An input or an output that no message can carry.
 *
 * @param where for messages
 */
export function tooLongError(side: 'input' | 'output', where?: string): ValidationError {
  const message = 'must be shorter than 2 GiB, and names and errors shorter than 64 MiB';
  const issue = { path: '', constraint: 'length', message, received: 'too many bytes' };
  return new ValidationError(side, [issue], where);
}
