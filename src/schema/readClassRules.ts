import { ValidationTypes } from './classValidator';
import { describeType } from '../errors/describeType';
import type { Constructor } from '../metadata/Constructor';
import type { ClassRules, NestedType, PropertyRules } from './ClassRules';
import { nameOfThrown } from './RuleThrewError';
import type { Rule, RuleStorage } from './RuleStorage';
import { SchemaFaultError } from './SchemaFaultError';
import type { TransformerInternals } from './transformerInternals';

/**
 * Reads the rules of a class and of every class nested in it, the class itself first.
 *
 * @throws SchemaFaultError when no value could ever satisfy one of them, or it cannot be read
 */
export function readClassRules(
  root: Constructor,
  rules: RuleStorage,
  internals: TransformerInternals,
): ReadonlyMap<Constructor, ClassRules> {
  const found = new Map<Constructor, ClassRules>();
  const waiting: Constructor[] = [root];
  for (let type = waiting.shift(); type !== undefined; type = waiting.shift()) {
    if (found.has(type)) continue;
    const properties = readProperties(type, rules, internals);
    found.set(type, { type, properties });
    waiting.push(...properties.flatMap(({ nested }) => nested.map((entry) => entry.type)));
  }
  return found;
}

function readProperties(
  type: Constructor,
  rules: RuleStorage,
  internals: TransformerInternals,
): PropertyRules[] {
  const all = rules.getTargetValidationMetadatas(type);
  if (all.length === 0) {
    throw new SchemaFaultError(
      `${type.name} has no class-validator decorator, so every value would be refused`,
      'Decorate its properties, such as @IsNumber() or @Allow(), or give Unvalidated as the type',
    );
  }
  const grouped = rules.groupByPropertyName(all);
  const instance = construct(type);
  const bare = Object.keys(instance).find((name) => grouped[name] === undefined);
  if (bare !== undefined) {
    throw new SchemaFaultError(
      `${type.name}.${bare} exists on every instance but has no class-validator decorator, so every value would be refused`,
      `Decorate ${type.name}.${bare} (@Allow() is enough), or set "useDefineForClassFields": false in tsconfig.json`,
    );
  }
  return Object.entries(grouped).map(([name, own]) => ({
    name,
    inputName: inputName(type, name, internals),
    rules: own,
    nested: own.some(isNestedRule) ? nestedTypes(type, name, internals) : [],
    initial: instance[name],
  }));
}

/** As class-transformer will do for every value. */
function construct(type: Constructor): Record<string, unknown> {
  try {
    return new type() as Record<string, unknown>;
  } catch (cause) {
    throw new SchemaFaultError(
      `new ${type.name}() threw ${nameOfThrown(cause)}, and every value is made an instance that way`,
      'Let its constructor work without arguments',
    );
  }
}

export function isNestedRule(rule: Rule): boolean {
  return rule.type === ValidationTypes.NESTED_VALIDATION;
}

function inputName(
  type: Constructor,
  name: string,
  { storage, toClass }: TransformerInternals,
): string | undefined {
  const excluded = storage.getExcludedProperties(type, toClass);
  if (excluded.includes(name)) return undefined;
  const exposed = storage.findExposeMetadata(type, name);
  if (exposed === undefined && storage.getStrategy(type) === 'excludeAll') return undefined;
  return exposed?.options?.name ?? name;
}

function nestedTypes(
  type: Constructor,
  name: string,
  { storage, toClass }: TransformerInternals,
): NestedType[] {
  const where = `${type.name}.${name}`;
  const metadata = storage.findTypeMetadata(type, name);
  if (metadata?.typeFunction === undefined) {
    // A transformation may make the instance itself.
    if (storage.findTransformMetadatas(type, name, toClass).length > 0) return [];
    throw new SchemaFaultError(
      `${where} has @ValidateNested() without @Type(), so every object in it would be refused`,
      `Add @Type(() => TheClass) to ${where}`,
    );
  }
  const { discriminator, keepDiscriminatorProperty: kept = false } = metadata.options ?? {};
  if (discriminator !== undefined) {
    const { property, subTypes } = discriminator;
    return subTypes.map(({ name: value, value: subType }) => ({
      type: asClass(subType, where),
      discriminator: { property, value, kept },
    }));
  }
  // With a parameter the type depends on the value, and there is no value yet.
  if (metadata.typeFunction.length > 0) return [];
  let nested: unknown;
  try {
    nested = metadata.typeFunction();
  } catch (cause) {
    throw new SchemaFaultError(
      `the @Type() of ${where} threw ${nameOfThrown(cause)}`,
      'Declare the class before it is scanned',
    );
  }
  return [{ type: asClass(nested, where) }];
}

function asClass(type: unknown, where: string): Constructor {
  if (typeof type === 'function' && typeof type.prototype === 'object') return type as Constructor;
  throw new SchemaFaultError(
    `the @Type() of ${where} gives ${describeType(type)} and not a class`,
    type === undefined
      ? 'Two modules import each other: move the class to a file of its own'
      : 'Write @Type(() => TheClass), also for an array of it',
  );
}
