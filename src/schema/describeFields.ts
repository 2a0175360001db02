import { describeType } from '../errors/describeType';
import type { ClassRules, PropertyRules } from './ClassRules';
import type { FieldDescription, FieldValue } from './FieldDescription';
import { fieldRuleOf } from './fieldRule';
import { propertyJsonSchema } from './propertyJsonSchema';
import { isNestedRule } from './readClassRules';
import { ruleKeywords } from './ruleKeywords';
import type { Rule } from './RuleStorage';
import type { TransformerInternals } from './transformerInternals';

type Scalar = 'number' | 'integer' | 'string' | 'boolean';

/** What each property of a class holds, for what is not JSON: read from its rules, in the order of its declaration. */
export function describeFields(
  { type, properties }: ClassRules,
  { storage, toClass }: TransformerInternals,
): FieldDescription[] {
  return properties.flatMap((property) => {
    const { name, inputName } = property;
    if (inputName === undefined) return [];
    const isTransformed = storage.findTransformMetadatas(type, name, toClass).length > 0;
    const value = isTransformed ? other('its value is made by @Transform()') : valueOf(property);
    const { required } = propertyJsonSchema(property, () => ({}));
    return [{ name: inputName, property: name, optional: !required, value }];
  });
}

const other = (reason: string): FieldValue => ({ kind: 'other', reason });

function valueOf({ rules }: PropertyRules): FieldValue {
  const fields = rules.flatMap(({ context }) => fieldRuleOf(context) ?? []);
  if (fields.length > 1) return other('it has several @IsTensor() or @IsFile()');
  if (fields[0] !== undefined) return fields[0];
  if (rules.some(isNestedRule)) return other('its values are objects (@ValidateNested)');
  if (rules.some(({ name }) => ['isDate', 'minDate', 'maxDate'].includes(name ?? ''))) {
    return other('its values are dates');
  }
  if (rules.some(({ name }) => name === 'isInstance')) {
    return other('its values are instances of a class (@IsInstance)');
  }
  // What holds only under a condition of its own says nothing.
  const certain = rules.filter(({ validateIf }) => validateIf === undefined);
  const own = typesOf(certain.filter(({ each }) => !each));
  const items = typesOf(certain.filter(({ each }) => each));
  if (own.has('object')) return other('its values are objects (@IsObject)');
  const isArray = own.has('array') || certain.some(({ each }) => each);
  if (!isArray) return scalar(own, false, unknownType(rules));
  own.delete('array');
  if (own.size > 0) return other('its rules ask for several types');
  return scalar(items, true, 'the type of its elements is unknown: it has no rule with { each: true }');
}

function scalar(types: ReadonlySet<string>, array: boolean, unknown: string): FieldValue {
  const [type, ...rest] = [...types].filter((name) => name !== 'number' || !types.has('integer'));
  if (type === undefined) return other(unknown);
  if (rest.length > 0) return other('its rules ask for several types');
  return ['number', 'integer', 'string', 'boolean'].includes(type)
    ? { kind: type as Scalar, array }
    : other(`its values are of the type ${type}`);
}

function unknownType(rules: readonly Rule[]): string {
  const isAllowOnly = rules.every(({ name, type }) => name === undefined && type === 'whitelistValidation');
  return `its type is unknown: ${isAllowOnly ? 'it has only @Allow()' : 'none of its rules says it'}`;
}

/** JSON's names of the types that these rules ask for. */
function typesOf(rules: readonly Rule[]): Set<string> {
  const types = new Set<string>();
  for (const rule of rules) {
    const { type, enum: values } = ruleKeywords(rule)?.keywords ?? {};
    // `@IsEmpty` and its like name values that are no type.
    if (Array.isArray(values) && rule.name !== 'isEmpty')
      values.forEach((value) => types.add(describeType(value)));
    for (const name of Array.isArray(type) ? (type as string[]) : [type]) {
      if (typeof name === 'string') types.add(name);
    }
  }
  return types;
}
