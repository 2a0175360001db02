import type { Constructor } from '../metadata/Constructor';
import type { ClassRules, PropertyRules } from './ClassRules';
import { ValidationTypes } from './classValidator';
import { fieldRuleOf, type TensorField } from './fieldRule';
import type { Rule } from './RuleStorage';
import { MAX_INSTANCE_KEYS, MAX_NODES } from './takeSnapshot';
import { TensorFault, toTensor } from './toTensor';
import type { TransformerInternals } from './transformerInternals';

interface TensorProperty {
  readonly field: TensorField;
  readonly optional: boolean;
}

/** An instance of the class; `undefined` for what the rules must judge, faults above all. */
export type TensorParse = (value: unknown) => object | undefined;

/**
 * The short way for a class that holds tensors and nothing else: it makes the same instances as the snapshot, the walk of
 * class-transformer and the rules together, and gives up on every value that is not plainly right, so that all issues come
 * from one place. `undefined` for a class with more to it.
 */
export function createTensorParse(
  { type, properties }: ClassRules,
  internals: TransformerInternals,
): TensorParse | undefined {
  const { storage } = internals;
  const tensors = new Map<string, TensorProperty>();
  for (const property of properties) {
    const tensor = asTensor(property);
    if (
      tensor === undefined ||
      property.name in type.prototype ||
      hasTransformer(type, property, internals)
    ) {
      return undefined;
    }
    tensors.set(property.name, tensor);
  }
  const isPlain =
    properties.length <= MAX_INSTANCE_KEYS &&
    !('then' in type.prototype) &&
    storage.getStrategy(type) === 'none' &&
    storage.getExposedMetadatas(type).length === 0 &&
    storage.getExcludedMetadatas(type).length === 0;
  if (!isPlain) return undefined;
  const required = [...tensors.values()].filter(({ optional }) => !optional).length;
  return (value) => {
    try {
      return parse(value, type, tensors, required);
    } catch {
      // Somebody's getter, proxy or constructor: the rules say what it is.
      return undefined;
    }
  };
}

function parse(
  value: unknown,
  type: Constructor,
  tensors: ReadonlyMap<string, TensorProperty>,
  required: number,
): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== type.prototype) return undefined;
  const instance = new type() as Record<string, unknown>;
  let nodes = 0;
  let missing = required;
  // Quicker than a list of the keys; what a prototype adds is no property of its own.
  for (const key in value) {
    nodes += 1;
    const known = tensors.get(key);
    // A getter must not be asked: it could say something else every time.
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (known === undefined || property === undefined || !('value' in property)) return undefined;
    const given: unknown = property.value;
    if (given === undefined) continue;
    if (given === null && known.optional) {
      instance[key] = null;
      continue;
    }
    const tensor = toTensor(given, known.field);
    if (tensor instanceof TensorFault) return undefined;
    if (Array.isArray(given)) nodes += nodesOf(tensor.dims);
    if (nodes > MAX_NODES) return undefined;
    instance[key] = tensor;
    if (!known.optional) missing -= 1;
  }
  return missing === 0 ? instance : undefined;
}

/** Elements of nested arrays, those of all levels. */
function nodesOf(dims: readonly number[]): number {
  let level = 1;
  let nodes = 0;
  for (const size of dims) {
    level *= size;
    nodes += level;
  }
  return nodes;
}

/** With one `@IsTensor`, and beside it nothing that could judge or change the value. */
function asTensor({ name, inputName, rules, initial }: PropertyRules): TensorProperty | undefined {
  if (inputName !== name || initial !== undefined) return undefined;
  if (rules.some(({ each, validateIf }) => each || validateIf !== undefined)) return undefined;
  const fields = rules.flatMap(({ context }) => fieldRuleOf(context) ?? []);
  const [field, second] = fields;
  if (field?.kind !== 'tensor' || second !== undefined) return undefined;
  const others = rules.filter(({ context }) => fieldRuleOf(context) === undefined);
  const optional = others.some(isOptionalRule);
  const isKnown = others.every(
    (rule) =>
      rule.type === ValidationTypes.WHITELIST ||
      isOptionalRule(rule) ||
      (rule.type === ValidationTypes.IS_DEFINED && !optional),
  );
  return isKnown ? { field, optional } : undefined;
}

const isOptionalRule = ({ type, name }: Rule): boolean =>
  type === ValidationTypes.CONDITIONAL_VALIDATION && name === 'isOptional';

function hasTransformer(
  type: Constructor,
  { name }: PropertyRules,
  { storage, toClass }: TransformerInternals,
): boolean {
  return (
    storage.findTypeMetadata(type, name) !== undefined ||
    storage.findTransformMetadatas(type, name, toClass).length > 0
  );
}
