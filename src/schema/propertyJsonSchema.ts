import { ValidationTypes } from './classValidator';
import { isDeepStrictEqual } from 'node:util';
import type { NestedType, PropertyRules } from './ClassRules';
import { isNestedRule } from './readClassRules';
import { ruleKeywords } from './ruleKeywords';
import type { JsonSchema } from './JsonSchema';

type Draft = Record<string, unknown>;

/**
 * One property of a class as JSON Schema, and whether it must be there.
 *
 * It follows what the judge does: `@IsOptional` takes `null` too, `@ValidateNested` alone takes an absent value,
 * a default makes a property optional, a condition makes every rule of it uncertain.
 */
export function propertyJsonSchema(
  { rules, nested, initial }: PropertyRules,
  reference: (type: NestedType) => JsonSchema,
): { schema: JsonSchema; required: boolean } {
  const own: Draft = {};
  const items: Draft = {};
  let isArray = false;
  let refusesUndefined = false;
  const names = new Set<string | undefined>();
  const conditions = rules.filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION);

  for (const rule of rules) {
    // A rule with a condition of its own may not be asked at all.
    if (rule.validateIf !== undefined) continue;
    if (rule.each) isArray = true;
    const meaning = ruleKeywords(rule);
    if (meaning === undefined) continue;
    if (!rule.each) names.add(rule.name);
    merge(rule.each ? items : own, meaning.keywords);
    refusesUndefined ||= meaning.refusesUndefined;
  }
  isArray ||= own.type === 'array';
  const nestedSchema = rules.some(isNestedRule) ? anyOf(nested.map(reference), { type: 'object' }) : {};
  merge(isArray ? items : own, nestedSchema);
  if (isArray) {
    merge(own, { type: 'array' });
    if (Object.keys(items).length > 0) own.items = items;
    // Objects are told apart by identity, and every one out of JSON is another.
    if (rules.some(isNestedRule)) delete own.uniqueItems;
  }
  if (names.has('isNotEmpty')) {
    if (own.type !== 'string') merge(own, { not: { enum: ['', null] } });
    else own.minLength ||= 1;
  }
  if (names.has('isDefined') && Object.keys(own).length === 0) merge(own, { not: { type: 'null' } });

  const optional = conditions.some(({ name }) => name === 'isOptional');
  const conditional = conditions.some(({ name }) => name !== 'isOptional');
  let schema: JsonSchema = own;
  if (optional) schema = nullable(schema);
  if (conditional) {
    schema = { $comment: 'These rules hold only under a condition of the class', anyOf: [schema, {}] };
  }
  return { schema, required: refusesUndefined && conditions.length === 0 && initial === undefined };
}

/** Adds keywords that must hold as well. */
function merge(target: Draft, keywords: JsonSchema): void {
  const conflicts: Draft = {};
  for (const [key, value] of Object.entries(keywords)) {
    const present = target[key];
    if (present === undefined || isDeepStrictEqual(present, value)) target[key] = value;
    else if (key === 'type' && isNumeric(present) && isNumeric(value)) target.type = 'integer';
    else conflicts[key] = value;
  }
  if (Object.keys(conflicts).length > 0) {
    target.allOf = [...((target.allOf as unknown[] | undefined) ?? []), conflicts];
  }
}

const isNumeric = (type: unknown): boolean => type === 'number' || type === 'integer';

function anyOf(schemas: readonly JsonSchema[], none: JsonSchema): JsonSchema {
  return schemas.length > 1 ? { anyOf: schemas } : (schemas[0] ?? none);
}

/** Keywords that have a say about `null` too; the others only look at values of their own type. */
const ABOUT_NULL = ['$ref', 'allOf', 'anyOf', 'enum', 'not'];

function nullable(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0) return schema;
  if (typeof schema.type === 'string' && !ABOUT_NULL.some((key) => key in schema)) {
    return { ...schema, type: [schema.type, 'null'] };
  }
  return { anyOf: [schema, { type: 'null' }] };
}
