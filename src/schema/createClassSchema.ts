import type { Constructor } from '../metadata/Constructor';
import { addValidationErrors } from './addValidationErrors';
import { classJsonSchema } from './classJsonSchema';
import type { ClassRules } from './ClassRules';
import { createTensorParse } from './createTensorParse';
import { createTransformToClass, TooManyInstancesError, TooManyKeysError } from './transformToClass';
import { createValidator } from './createValidator';
import { describeFields } from './describeFields';
import { fieldRuleOf } from './fieldRule';
import { IssueList } from './IssueList';
import type { PathSegment } from './formatPath';
import { readClassRules } from './readClassRules';
import { RuleStorage } from './RuleStorage';
import { loadTensorClass } from './makeTensor';
import { nameOfThrown, RuleThrewError } from './RuleThrewError';
import type { ParseResult, Schema } from './Schema';
import { SchemaFaultError } from './SchemaFaultError';
import { takeSnapshot } from './takeSnapshot';
import { transformerInternals } from './transformerInternals';

type Result = ParseResult<unknown>;

/**
 * A class whose properties carry class-validator's decorators, or an array of one.
 *
 * The order of `parse`: a bounded copy, an instance of the class, the rules.
 *
 * @throws SchemaFaultError when the class cannot judge any value
 */
export function createClassSchema(type: Constructor, isArray: boolean): Schema {
  const internals = transformerInternals();
  if (internals === undefined) {
    throw new SchemaFaultError(
      `this installation of class-transformer does not show what @Type() on ${type.name} wrote`,
      'Install class-transformer ~0.5.1 once, and do not bundle it',
    );
  }
  const rules = new RuleStorage();
  const classes = readClassRules(type, rules, internals);
  const own = classes.get(type);
  const jsonSchema = classJsonSchema(classes, type, isArray);
  const parseTensors = isArray || own === undefined ? undefined : createTensorParse(own, internals);
  if ([...classes.values()].some(holdsTensor)) loadTensorClass();
  const transformOf = createTransformToClass(internals, rules);
  const validate = createValidator(rules);

  const judge = (value: unknown): Result | Promise<Result> => {
    const issues = new IssueList();
    const refused = (): Result => ({ ok: false, issues: issues.toArray() });
    const failed = (doing: string, thrown: unknown): Result => {
      const message =
        thrown instanceof RuleThrewError ? thrown.message : `${doing} threw ${nameOfThrown(thrown)}`;
      issues.add([], 'judged', message, value);
      return refused();
    };

    const snapshot = takeSnapshot(value, issues);
    if (!issues.isEmpty) return refused();
    if (isArray && !Array.isArray(snapshot.value)) {
      issues.add([], 'isArray', `must be an array of ${type.name}`, value);
      return refused();
    }
    const inputs = isArray ? (snapshot.value as unknown[]) : [snapshot.value];
    const pathOf = (index: number): PathSegment[] => (isArray ? [index] : []);

    const instances: object[] = [];
    const transform = transformOf(snapshot);
    try {
      inputs.forEach((input, index) => {
        const instance = Array.isArray(input) ? input : transform(input, type);
        if (instance instanceof type) instances.push(instance as object);
        else
          issues.add(
            pathOf(index),
            'isObject',
            `must be an object (${type.name})`,
            snapshot.originals.get(input) ?? input,
          );
      });
    } catch (thrown) {
      if (thrown instanceof TooManyKeysError) issues.add(thrown.path, 'maxKeys', thrown.message, {});
      else if (thrown instanceof TooManyInstancesError) issues.add([], 'maxInstances', thrown.message, value);
      else return failed(`making an instance of ${type.name}`, thrown);
    }
    if (!issues.isEmpty) return refused();

    const answer = (errors: Awaited<ReturnType<typeof validate>>): Result => {
      errors.forEach((list, index) => {
        const at = { instance: instances[index], input: inputs[index], path: pathOf(index) };
        addValidationErrors(issues, snapshot.originals, { errors: list, ...at });
      });
      return issues.isEmpty ? { ok: true, value: isArray ? instances : instances[0] } : refused();
    };
    try {
      const errors = validate(instances);
      const late = (thrown: unknown): Result => failed(`a rule of ${type.name}`, thrown);
      return errors instanceof Promise ? errors.then(answer).catch(late) : answer(errors);
    } catch (thrown) {
      return failed(`a rule of ${type.name}`, thrown);
    }
  };

  return {
    kind: isArray ? 'array' : 'class',
    typeName: isArray ? `${type.name}[]` : type.name,
    parse: (value) => {
      const instance = parseTensors?.(value);
      return instance === undefined ? judge(value) : { ok: true, value: instance };
    },
    ...(!isArray && own !== undefined && { fields: describeFields(own, internals) }),
    jsonSchema: () => jsonSchema,
  };
}

/** The first request should not wait for the library. */
function holdsTensor({ properties }: ClassRules): boolean {
  return properties.some(({ rules }) => rules.some(({ context }) => fieldRuleOf(context)?.kind === 'tensor'));
}
