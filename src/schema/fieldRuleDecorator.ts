import { RunwrightError } from '../errors/RunwrightError';
import { fieldContext, type FieldRule } from './fieldRule';
import { isFieldValue } from './isFieldValue';
import { describeFieldRule } from './describeFieldRule';

type RegisterDecorator = (typeof import('class-validator'))['registerDecorator'];

/**
 * Makes the decorator of a property that holds a tensor or a file: a custom rule of class-validator.
 *
 * @param name of the rule, in issues: `isTensor`
 */
export function fieldRuleDecorator(name: string, field: FieldRule) {
  const decorator = `@${name.charAt(0).toUpperCase()}${name.slice(1)}()`;
  return (target: object, property: string | symbol): void => {
    const isLegacy = typeof target === 'object' || typeof target === 'function';
    if (typeof (property as unknown) === 'object' || !isLegacy) {
      throw new RunwrightError('RW_DECORATOR_TC39', {
        where: decorator,
        what: 'it was called as a TC39 decorator, which class-validator does not know',
        hint: 'Set "experimentalDecorators": true in the tsconfig.json that compiles this file',
      });
    }
    if (typeof target === 'function' || typeof property === 'symbol') {
      throw new RunwrightError('RW_OPTION_INVALID', {
        where: `${decorator} on ${String(property)}`,
        what: `it stands on ${typeof property === 'symbol' ? 'a symbol' : 'a static property'}`,
        hint: 'Decorate a property of the instances that has a name',
      });
    }
    loadRegisterDecorator()({
      name,
      target: target.constructor,
      propertyName: property,
      options: { context: fieldContext(field) },
      validator: {
        validate: (value) => isFieldValue(field, value),
        defaultMessage: () => `$property must be ${describeFieldRule(field)}`,
      },
    });
  };
}

// Its own file: the index would load every rule that there is. An installation of another shape gives the index.
function loadRegisterDecorator(): RegisterDecorator {
  try {
    return (require('class-validator/cjs/register-decorator') as { registerDecorator: RegisterDecorator })
      .registerDecorator;
  } catch {
    return (require('class-validator') as { registerDecorator: RegisterDecorator }).registerDecorator;
  }
}
