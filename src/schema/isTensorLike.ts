/**
 * True for a tensor of any copy of onnxruntime-common, wherever its data is. Told by its shape, as several copies of the
 * library may be loaded; a plain object, such as JSON gives, is never one.
 */
export function isTensorLike(
  value: unknown,
): value is { readonly type: string; readonly dims: readonly number[] } {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second question knows the plain objects of other realms too.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return false;
  const { type, dims } = value as { type?: unknown; dims?: unknown };
  return typeof type === 'string' && Array.isArray(dims);
}
