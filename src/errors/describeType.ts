/**
 * The type of a value in one word, for messages that must not echo the value.
 *
 * @example describeType([1]) // 'array'
 */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object') return typeof value;
  try {
    return describeObject(value);
  } catch {
    // A proxy that does not let itself be looked at.
    return 'object';
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return 'array';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'object';
  const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'object';
}
