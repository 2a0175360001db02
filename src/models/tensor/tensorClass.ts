import { RunwrightError } from '../../errors/RunwrightError';
import type { Constructor } from '../../metadata/Constructor';
import { IsTensor } from '../../schema/IsTensor';
import type { NamedField } from './itemField';

/**
 * A class with one property for each tensor, as a user would write it with `@IsTensor`.
 *
 * @param name of the class, for messages and documents
 * @throws RunwrightError RW_MODEL_FILE_INVALID for names that no property can have
 */
export function tensorClass(name: string, fields: readonly NamedField[]): Constructor {
  // Through a key, so that the class has the name.
  const { [name]: type } = { [name]: class {} };
  for (const [at, field] of fields.entries()) {
    const taken = fields.findIndex((other) => other.name === field.name) < at;
    if (field.name === '' || field.name === '__proto__' || taken) {
      throw new RunwrightError('RW_MODEL_FILE_INVALID', {
        where: name,
        what: `its tensor ${at} has the name ${JSON.stringify(field.name)}, ${taken ? 'as another one has' : 'which no field can have'}`,
        hint: 'Give the tensor another name when the model is exported, or write a runner class for it',
      });
    }
    const { dtype, shape } = field.field;
    IsTensor({ dtype, shape })((type as Constructor).prototype as object, field.name);
  }
  return type as Constructor;
}
