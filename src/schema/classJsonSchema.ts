import type { Constructor } from '../metadata/Constructor';
import type { ClassRules, NestedType } from './ClassRules';
import { DRAFT } from './jsonSchemaDraft';
import { propertyJsonSchema } from './propertyJsonSchema';
import type { JsonSchema } from './JsonSchema';

type Definitions = Record<string, JsonSchema>;

/**
 * A class, or an array of it, as a JSON Schema document: the class itself at the top, every class that is referred to
 * (recursively too) under `$defs` by its name.
 */
export function classJsonSchema(
  classes: ReadonlyMap<Constructor, ClassRules>,
  root: Constructor,
  isArray: boolean,
): JsonSchema {
  const names = nameClasses([...classes.keys()]);
  const definitions: Definitions = {};

  const refer = ({ type, discriminator }: NestedType): JsonSchema => {
    const name = names.get(type) ?? type.name;
    const key = discriminator === undefined ? name : `${name}.${discriminator.value}`;
    if (!(key in definitions)) {
      // Reserved before it is filled: a class may refer to itself.
      definitions[key] = {};
      definitions[key] = objectSchema(type, discriminator);
    }
    return { $ref: `#/$defs/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}` };
  };

  const objectSchema = (type: Constructor, discriminator?: NestedType['discriminator']): JsonSchema => {
    const properties: Definitions = {};
    const required: string[] = [];
    if (discriminator !== undefined) {
      properties[discriminator.property] = { const: discriminator.value };
      required.push(discriminator.property);
    }
    for (const property of classes.get(type)?.properties ?? []) {
      const { inputName } = property;
      if (inputName === undefined || inputName in properties) continue;
      const { schema, required: isRequired } = propertyJsonSchema(property, refer);
      properties[inputName] = schema;
      if (isRequired) required.push(inputName);
    }
    return {
      title: type.name,
      type: 'object',
      properties,
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  };

  const top: JsonSchema = isArray ? { type: 'array', items: refer({ type: root }) } : objectSchema(root);
  return { $schema: DRAFT, ...top, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) };
}

/** Class names, numbered where two classes share one. */
function nameClasses(types: readonly Constructor[]): ReadonlyMap<Constructor, string> {
  const names = new Map<Constructor, string>();
  const taken = new Set<string>();
  for (const type of types) {
    let name = type.name;
    for (let number = 2; taken.has(name); number += 1) name = `${type.name}${number}`;
    taken.add(name);
    names.set(type, name);
  }
  return names;
}
