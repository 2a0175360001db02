import type { Validator as ValidatorType, ValidatorOptions } from 'class-validator';
import { Validator } from './classValidator';
import type { ValidationExecutor } from 'class-validator/types/validation/ValidationExecutor';

export type ValidatorExecutor = new (
  validator: ValidatorType,
  options: ValidatorOptions,
) => ValidationExecutor;

let found: ValidatorExecutor | null | undefined;

/**
 * The class of class-validator that walks an object with its rules, which the index does not export; `null` when
 * this installation has none whose rules can be handed in.
 */
export function validatorExecutor(): ValidatorExecutor | null {
  if (found === undefined) found = load();
  return found;
}

function load(): ValidatorExecutor | null {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- may fail, and must be synchronous
    const { ValidationExecutor: Executor } = require('class-validator/cjs/validation/ValidationExecutor') as {
      ValidationExecutor: ValidatorExecutor;
    };
    const probe = new Executor(new Validator(), {});
    const fits =
      'metadataStorage' in probe &&
      Array.isArray(probe.awaitingPromises) &&
      'execute' in probe &&
      'stripEmptyErrors' in probe;
    return fits ? Executor : null;
  } catch {
    return null;
  }
}
