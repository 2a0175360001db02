/**
 * What the compiler emitted for the parameters of a method, or `undefined` when it emitted nothing
 * (esbuild and tsx emit nothing, silently; "nothing" and "a type that says nothing" are different faults).
 */
export function readEmittedParameterTypes(
  target: object,
  member: string | symbol,
): readonly unknown[] | undefined {
  return Reflect.getOwnMetadata('design:paramtypes', target, member) as readonly unknown[] | undefined;
}
