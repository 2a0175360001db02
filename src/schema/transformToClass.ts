import type { ClassTransformOptions } from 'class-transformer';
import { types } from 'node:util';
import type { Constructor } from '../metadata/Constructor';
import { fieldRuleOf, type TensorField } from './fieldRule';
import { isLeaf } from './isLeaf';
import { MAX_INSTANCE_KEYS, MAX_INSTANCES, type Snapshot } from './takeSnapshot';
import type { PathSegment } from './formatPath';
import type { RuleStorage } from './RuleStorage';
import { TensorFault, toTensor } from './toTensor';
import type { TransformerInternals } from './transformerInternals';

const OPTIONS: ClassTransformOptions = {
  // `"false"` would become `true`.
  enableImplicitConversion: false,
  // The snapshot has no cycles.
  enableCircularCheck: false,
  // Unknown properties are refused by the rules, not dropped here.
  excludeExtraneousValues: false,
  // A property given as `undefined` is an absent one: it does not erase a default...
  exposeUnsetFields: false,
  // ...and `@Transform` still gets its say on it.
  exposeDefaultValues: false,
  ignoreDecorators: false,
};

type WalkArguments = Parameters<InstanceType<TransformerInternals['Executor']>['transform']>;

/** An object with more keys than class-transformer can bear. */
export class TooManyKeysError extends Error {
  constructor(readonly path: readonly PathSegment[]) {
    super(`an object must have at most ${MAX_INSTANCE_KEYS} keys`);
  }
}

/** More objects that are to become instances than can be judged in a reasonable time. */
export class TooManyInstancesError extends Error {
  constructor() {
    super(`a value must have at most ${MAX_INSTANCES} objects of declared classes`);
  }
}

/** Types that class-transformer converts to without making an instance of a user's class. */
const VALUE_TYPES: ReadonlySet<unknown> = new Set([String, Number, Boolean, Date, Buffer]);

/** For one snapshot: instances are counted over all calls of the function that it gives. */
export type TransformToClass = (snapshot: Snapshot) => (value: unknown, type: Constructor) => unknown;

/**
 * `plainToInstance` for a value out of a snapshot, with class-transformer's own walk but for this:
 *
 * - what has no declared type is already a private copy and stays as it is: typed arrays survive, arrays of numbers cost
 *   nothing, and instances of classes that nobody declared are not taken apart;
 * - maps and sets keep their values;
 * - a key that is named like a method is kept for the rules to judge, where class-transformer drops it in silence;
 * - what `@IsTensor` declares becomes a tensor where it can; where it cannot, it is left for the rule to refuse.
 *
 * It throws what a `@Transform`, a `@Type` or a constructor throws, TooManyKeysError and TooManyInstancesError.
 */
export function createTransformToClass(
  { Executor, toClass }: TransformerInternals,
  rules: RuleStorage,
): TransformToClass {
  const known = new Map<unknown, Tensors>();
  const tensorsOf = (type: unknown): Tensors => {
    let tensors = known.get(type);
    if (tensors === undefined) known.set(type, (tensors = findTensors(rules, type)));
    return tensors;
  };

  class SnapshotExecutor extends Executor {
    private instances = 0;

    constructor(private readonly snapshot: Snapshot) {
      super(toClass, OPTIONS);
    }

    override transform(...[source, given, type, arrayType, isMap, level]: WalkArguments): unknown {
      const value: unknown = given;
      if (typeof value === 'object' && value !== null) {
        if ((type as unknown) === undefined) return restore(value, this.snapshot.originals);
        if (isLeaf(value) && !types.isDate(value)) return value;
        const each = (item: unknown): unknown =>
          this.transform(undefined, item, type, arrayType, false, (level ?? 0) + 1);
        if (types.isMap(value)) return new Map(Array.from(value, ([key, item]) => [key, each(item)]));
        if (types.isSet(value)) return new Set(Array.from(value, each));
        const wide = isMap ? undefined : this.snapshot.wide.get(value);
        if (wide !== undefined) throw new TooManyKeysError(wide);
      }
      if (typeof type !== 'function' || Array.isArray(value) || VALUE_TYPES.has(type)) {
        return super.transform(source, value, type, arrayType, isMap, level);
      }
      this.instances += 1;
      if (this.instances > MAX_INSTANCES) throw new TooManyInstancesError();
      const instance: unknown = super.transform(source, value, type, arrayType, isMap, level);
      if (instance instanceof type) {
        keepHiddenKeys(value, instance, rules);
        makeTensors(instance, tensorsOf(instance.constructor));
      }
      return instance;
    }
  }

  const none = undefined as unknown as WalkArguments[3];
  return (snapshot) => {
    const executor = new SnapshotExecutor(snapshot);
    return (value, type) => executor.transform(undefined, value, type, none, false);
  };
}

/** What has a rule of its own is the class's business: an input does not replace a getter or a method. */
function keepHiddenKeys(value: unknown, instance: object, rules: RuleStorage): void {
  if (typeof value !== 'object' || value === null || value === instance) return;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || Object.hasOwn(instance, key) || !(key in instance)) continue;
    const known = rules.groupByPropertyName(rules.getTargetValidationMetadatas(instance.constructor));
    if (known[key] !== undefined) continue;
    Object.defineProperty(instance, key, {
      value: item,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

type Tensors = readonly (readonly [property: string, field: TensorField])[];

function findTensors(rules: RuleStorage, type: unknown): Tensors {
  return rules.getTargetValidationMetadatas(type).flatMap(({ propertyName, context }) => {
    const field = fieldRuleOf(context);
    return field?.kind === 'tensor' ? [[propertyName, field] as const] : [];
  });
}

function makeTensors(instance: object, tensors: Tensors): void {
  for (const [property, field] of tensors) {
    const values = instance as Record<string, unknown>;
    const value = values[property];
    if (value === undefined || value === null) continue;
    const tensor = toTensor(value, field);
    if (!(tensor instanceof TensorFault)) values[property] = tensor;
  }
}

/** Puts instances back in the place of their copies. */
function restore(value: object, originals: Snapshot['originals']): object {
  if (originals.size === 0 || isLeaf(value)) return value;
  const original = originals.get(value);
  if (original !== undefined) return original;
  const restored = (item: unknown): unknown =>
    typeof item === 'object' && item !== null ? restore(item, originals) : item;
  if (types.isMap(value)) return new Map(Array.from(value, ([key, item]) => [key, restored(item)]));
  if (types.isSet(value)) return new Set(Array.from(value, restored));
  if (Array.isArray(value)) return value.map(restored);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restored(item)]));
}
