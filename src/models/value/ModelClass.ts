/**
 * A class whose instances the default saver keeps: what `toJSON()` of the instance returns is saved under the class's name,
 * and the static `fromJSON` makes the instance again. `toJSON` may return any value that the saver takes (typed arrays
 * too), as long as it holds no cycle.
 *
 * @example
 * export class Scaler {
 *   constructor(readonly mean: Float32Array) {}
 *   toJSON() { return { mean: this.mean }; }
 *   static fromJSON({ mean }: { mean: Float32Array }) { return new Scaler(mean); }
 * }
 */
export interface ModelClass {
  readonly name: string;
  fromJSON(json: unknown): unknown;
}

/** Classes that the loader may use, by the name that the saver wrote. */
export type ModelClasses = Readonly<Record<string, ModelClass>>;

export function isModelClass(value: unknown): value is ModelClass {
  return typeof value === 'function' && 'fromJSON' in value && typeof value.fromJSON === 'function';
}
