import { describeType } from '../../errors/describeType';
import { ValidationError } from '../../errors/ValidationError';
import { encodeValue } from './encodeValue';

/**
 * An input or an output as bytes.
 *
 * @param where for messages
 * @throws ValidationError RW_INPUT_INVALID or RW_OUTPUT_INVALID for what cannot be sent to another thread or process
 */
export function encodeData(side: 'input' | 'output', value: unknown, where?: string): Uint8Array {
  try {
    return encodeValue(value);
  } catch {
    const message = 'must hold data alone: no functions, symbols or promises';
    const issue = { path: '', constraint: 'cloneable', message, received: describeType(value) };
    throw new ValidationError(side, [issue], where);
  }
}
