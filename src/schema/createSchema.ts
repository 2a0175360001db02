import type { Constructor } from '../metadata/Constructor';
import { deepFreeze } from '../metadata/deepFreeze';
import type { ResolvedTypeRef } from '../metadata/TypeRef';
import { createClassSchema } from './createClassSchema';
import { createScalarSchema } from './createScalarSchema';
import type { Schema } from './Schema';
import { SchemaFaultError } from './SchemaFaultError';

const UNKNOWN = 'Give a class with class-validator decorators, or Unvalidated to take any value as it is';

/** Classes that say nothing about a value, and what to give instead. */
const REFUSED: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [Object, UNKNOWN],
  [Function, UNKNOWN],
  [Array, 'Give [Class], with the class of the elements'],
  [Promise, 'Give the class that the promise resolves to'],
  [Date, 'Take a string, or a class with a property that has @Type(() => Date) and @IsDate()'],
  [Map, UNKNOWN],
  [Set, 'Give [Class], with the class of the elements'],
  [Symbol, UNKNOWN],
  [BigInt, 'Take a string or a number'],
]);

/**
 * A deeply frozen schema for a resolved type: `Unvalidated`, `String`, `Number`, `Boolean`, `Uint8Array`, `Buffer`, a
 * class with class-validator decorators, or an array of one of these. Otherwise what is wrong with the type.
 *
 * Rules and `@Type` functions are read here. Decorate classes before that: class-transformer looks its own decorators up again for
 * each value.
 */
export function createSchema(
  type: ResolvedTypeRef,
): { ok: true; schema: Schema } | { ok: false; what: string; hint: string } {
  const isArray = Array.isArray(type);
  const items: readonly unknown[] = isArray ? (type as readonly unknown[]) : [type];
  const item = items[0];
  if (items.length !== 1 || typeof item !== 'function') {
    const what = `an array type holds one class, not ${items.length === 1 ? typeof item : items.length}`;
    return { ok: false, what, hint: 'Give [Class]' };
  }
  const refused = REFUSED.get(item);
  if (refused !== undefined)
    return { ok: false, what: `${item.name} is not a type that can be checked`, hint: refused };
  try {
    const constructor = item as Constructor;
    const schema = createScalarSchema(constructor, isArray) ?? createClassSchema(constructor, isArray);
    return { ok: true, schema: frozen(schema) };
  } catch (error) {
    if (error instanceof SchemaFaultError) return { ok: false, what: error.what, hint: error.hint };
    throw error;
  }
}

function frozen(schema: Schema): Schema {
  deepFreeze(schema.jsonSchema());
  return deepFreeze(schema);
}
