import { types } from 'node:util';

/**
 * The first place where two values differ, or `undefined`. Stricter than deep equality: prototypes, the order of keys, bytes,
 * the sign of zero, and which references are shared must all be the same.
 */
export function difference(left: unknown, right: unknown): string | undefined {
  const partners = new Map<object, object>();
  const taken = new Set<object>();
  const queue: [unknown, unknown, string][] = [[left, right, 'value']];
  for (const [a, b, path] of queue) {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
      if (!Object.is(a, b)) return path;
      continue;
    }
    if (partners.has(a)) {
      if (partners.get(a) !== b) return `${path} (identity)`;
      continue;
    }
    if (taken.has(b)) return `${path} (identity)`;
    partners.set(a, b);
    taken.add(b);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path} (prototype)`;
    const [inA, inB] = [content(a), content(b)];
    if (inA.length !== inB.length) return `${path} (size)`;
    inA.forEach((item, index) => queue.push([item, inB[index], `${path}.${index}`]));
  }
  return undefined;
}

function content(value: object): unknown[] {
  if (types.isMap(value)) return [...value].flat();
  if (types.isSet(value)) return [...value];
  if (types.isDate(value)) return [value.getTime()];
  if (ArrayBuffer.isView(value))
    return [Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')];
  if (types.isArrayBuffer(value)) return [Buffer.from(value).toString('hex')];
  return Reflect.ownKeys(value).flatMap((key) => [key, (value as Record<string | symbol, unknown>)[key]]);
}
