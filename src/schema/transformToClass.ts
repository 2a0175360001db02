import { TransformationType, type ClassTransformOptions } from 'class-transformer';
import { types } from 'node:util';
import type { Constructor } from '../metadata/Constructor';
import { isLeaf } from './isLeaf';
import { MAX_INSTANCE_KEYS, type Snapshot } from './takeSnapshot';
import type { PathSegment } from './formatPath';
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

export type TransformToClass = (snapshot: Snapshot, value: unknown, type: Constructor) => unknown;

/**
 * `plainToInstance` for a value out of a snapshot, with class-transformer's own walk but for this:
 *
 * - what has no declared type is already a private copy and stays as it is: typed arrays survive, arrays of numbers cost
 *   nothing, and instances of classes that nobody declared are not taken apart;
 * - maps and sets keep their values.
 *
 * It throws what a `@Transform`, a `@Type` or a constructor throws.
 */
export function createTransformToClass({ Executor }: TransformerInternals): TransformToClass {
  class SnapshotExecutor extends Executor {
    constructor(private readonly snapshot: Snapshot) {
      super(TransformationType.PLAIN_TO_CLASS, OPTIONS);
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
      return super.transform(source, value, type, arrayType, isMap, level);
    }
  }

  const none = undefined as unknown as WalkArguments[3];
  return (snapshot, value, type) =>
    new SnapshotExecutor(snapshot).transform(undefined, value, type, none, false);
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
