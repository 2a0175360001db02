import { isTensorLike } from '../schema/isTensorLike';

/**
 * The shapes of all tensors, typed arrays and arrays in a value, as one string. Equal strings mean that the values can be
 * stacked. Other leaves have no shape.
 *
 * @example shapeOf({ ids: [[1, 2], [3, 4]] }) // '{"ids":2,2}'
 */
export function shapeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  if (isTensorLike(value)) return `${value.type}:${value.dims.join()}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}:${value.byteLength}`;
  if (Array.isArray(value)) return shapeOfArray(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${shapeOf(field)}`).join(';')}}`;
}

function shapeOfArray(value: readonly unknown[]): string {
  // One look at the first element spares a walk over all numbers of a row.
  if (typeof value[0] !== 'object') return String(value.length);
  const inner = new Set(value.map(shapeOf));
  return inner.size === 1 ? `${value.length},${[...inner].join()}` : `[${value.map(shapeOf).join('|')}]`;
}
