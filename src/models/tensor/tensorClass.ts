import { RunwrightError } from '../../errors/RunwrightError';
import type { Constructor } from '../../metadata/Constructor';
import { IsTensor } from '../../schema/IsTensor';
import type { NamedField } from './itemField';

/**
 * A class with one property for each tensor, as a user would write it with `@IsTensor`.
 *
 * @param name of the class, for messages and documents
 * @throws RunwrightError RW_MODEL_FILE_INVALID for names that no property can have, and where there are no fields
 */
export function tensorClass(name: string, fields: readonly NamedField[]): Constructor {
  // Through a key, so that the class has the name.
  const { [name]: type } = { [name]: class {} };
  if (fields.length === 0) {
    throw new RunwrightError('RW_MODEL_FILE_INVALID', {
      where: name,
      what: 'the model has no tensor there, so there is nothing that a runner could take or give',
      hint: 'Write a runner class for it',
    });
  }
  for (const [at, field] of fields.entries()) {
    const taken = fields.findIndex((other) => other.name === field.name) < at;
    // class-validator mixes up what every object inherits with its own lists.
    if (field.name === '' || field.name in Object.prototype || taken) {
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
