import type { ValidationError, ValidatorOptions } from 'class-validator';
import { Validator } from './classValidator';
import { MAX_ISSUES } from './IssueList';
import type { RuleStorage } from './RuleStorage';
import { validatorExecutor, type ValidatorExecutor } from './validatorExecutor';

const OPTIONS: ValidatorOptions = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  skipMissingProperties: false,
  skipNullProperties: false,
  skipUndefinedProperties: false,
  stopAtFirstError: false,
  strictGroups: false,
  dismissDefaultMessages: false,
  enableDebugMessages: false,
  validationError: { target: false, value: false },
};

/** The errors of each instance, in order; a promise only where a rule returned one. */
export type ValidateInstances = (
  instances: readonly object[],
) => readonly ValidationError[][] | Promise<readonly ValidationError[][]>;

/**
 * class-validator's own walk over our memoised rules. Where that walk cannot be had, its public `validate`, which judges
 * the same and is slower; its messages may hold values, so they are dropped.
 */
export function createValidator(
  rules: RuleStorage,
  Executor: ValidatorExecutor | null = validatorExecutor(),
): ValidateInstances {
  const validator = new Validator();
  if (Executor === null) {
    return (instances) =>
      Promise.all(
        instances.map(async (instance) => (await validator.validate(instance, OPTIONS)).map(withoutMessages)),
      );
  }
  return (instances) => {
    const executor = new Executor(validator, OPTIONS);
    // The walk asks for `execute` of itself for every nested instance.
    Object.assign(executor, { metadataStorage: rules, execute: untilFull(executor) });
    const errors = instances.map((): ValidationError[] => []);
    try {
      instances.forEach((instance, index) => executor.execute(instance, '', errors[index] ?? []));
    } catch (thrown) {
      // Rules that are still at work must not end the process when they fail too.
      void Promise.allSettled(executor.awaitingPromises);
      throw thrown;
    }
    const done = (): ValidationError[][] => errors.map((list) => executor.stripEmptyErrors(list));
    return executor.awaitingPromises.length === 0
      ? done()
      : Promise.all(executor.awaitingPromises).then(done);
  };
}

/** Once there are as many faults as an answer holds, the rest is not judged: the value is refused in any case. */
function untilFull(executor: InstanceType<ValidatorExecutor>): typeof executor.execute {
  const execute = executor.execute.bind(executor);
  let faults = 0;
  return (instance, schema, errors) => {
    if (faults > MAX_ISSUES) return;
    execute(instance, schema, errors);
    for (const { constraints = {} } of errors) faults += Object.keys(constraints).length;
  };
}

function withoutMessages(error: ValidationError): ValidationError {
  for (const constraint of Object.keys(error.constraints ?? {})) {
    Object.assign(error.constraints ?? {}, { [constraint]: '' });
  }
  error.children?.forEach(withoutMessages);
  return error;
}
