import { isRecord } from '../../artifact/isRecord';
import type { ModelNode } from './ModelNode';

/** The node of a plain object, an array, a `Map`, a `Set` or a `Date`; `undefined` when `content` is not one of `tag`. */
export function containerNode(tag: unknown, content: unknown): ModelNode | undefined {
  if (tag === 'object' && isRecord(content)) return objectNode({}, content);
  if (tag === 'null-object' && isRecord(content)) return objectNode(Object.create(null) as object, content);
  if (tag === 'array' && Array.isArray(content)) return arrayNode(content);
  if (tag === 'map' && Array.isArray(content) && content.every(isPair)) return mapNode(content);
  if (tag === 'set' && Array.isArray(content)) return setNode(content);
  if (tag === 'date' && isTime(content)) return finishedNode(new Date(content ?? NaN));
  return undefined;
}

/** A node that holds nothing to be filled in. */
export function finishedNode(made: unknown): ModelNode {
  return { made, slots: [], finish: () => undefined };
}

function objectNode(made: object, content: Record<string, unknown>): ModelNode {
  return {
    made,
    slots: Object.values(content),
    finish: (read) => {
      for (const [key, slot] of Object.entries(content)) {
        // Defined, not assigned: assigning to `__proto__` would change the prototype.
        Object.defineProperty(made, key, {
          value: read(slot),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    },
  };
}

function arrayNode(slots: readonly unknown[]): ModelNode {
  const made: unknown[] = [];
  return { made, slots, finish: (read) => slots.forEach((slot) => made.push(read(slot))) };
}

function mapNode(pairs: readonly (readonly [unknown, unknown])[]): ModelNode {
  const made = new Map<unknown, unknown>();
  const finish = (read: (slot: unknown) => unknown): void =>
    pairs.forEach(([key, value]) => made.set(read(key), read(value)));
  return { made, slots: pairs.flat(), finish };
}

function setNode(slots: readonly unknown[]): ModelNode {
  const made = new Set<unknown>();
  return { made, slots, finish: (read) => slots.forEach((slot) => made.add(read(slot))) };
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

/** A time as `Date.prototype.toJSON` writes it, which is `null` for an invalid date. */
function isTime(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && new Date(value).toJSON() === value);
}
