import { types } from 'node:util';
import type { PathSegment } from './formatPath';
import { isLeaf } from './isLeaf';
import type { IssueList } from './IssueList';

/** Most containers (arrays, objects, maps, sets) inside one another. */
export const MAX_DEPTH = 64;
/** Most elements and properties of a value, all containers together: 32 images of 224 x 224 x 3 numbers fit. */
export const MAX_NODES = 5_000_000;
export const MAX_KEY_LENGTH = 256;
/** Most keys of an object that is to become an instance; class-transformer's work grows with their square. */
export const MAX_INSTANCE_KEYS = 1000;
/** Most objects of declared classes in a value. Each costs far more than a number in an array: it is made, then judged. */
export const MAX_INSTANCES = 100_000;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A private copy of a value: plain containers and leaves, bounded, every property read once. */
export interface Snapshot {
  readonly value: unknown;
  /** Instances of classes by their plain copies: where no type is declared, the instance itself is the value. */
  readonly originals: ReadonlyMap<unknown, object>;
  /** Paths of the objects with more than `MAX_INSTANCE_KEYS` keys. */
  readonly wide: ReadonlyMap<unknown, readonly PathSegment[]>;
}

/**
 * Copies a value before any library sees it, so that none can be hurt by it and none can change it.
 *
 * Refused, each as an issue: more than the bounds above, the keys `__proto__`, `constructor` and `prototype`, cycles,
 * getters, promises, and whatever throws when it is read. Typed arrays, buffers and dates are leaves and stay as they
 * are. Symbol keys and properties that are not enumerable are left behind.
 */
export function takeSnapshot(value: unknown, issues: IssueList): Snapshot {
  return new SnapshotTaker(issues).take(value);
}

/** A container that is being copied, and how far it is. */
interface Frame {
  readonly source: object;
  readonly items: readonly unknown[];
  readonly count: number;
  segment(index: number): PathSegment;
  write(index: number, item: unknown): void;
  next: number;
}

class TooLargeError extends Error {}

/** A stack of its own instead of recursion: a value can be nested deeper than the call stack. */
class SnapshotTaker {
  private readonly originals = new Map<unknown, object>();
  private readonly wide = new Map<unknown, readonly PathSegment[]>();
  private readonly stack: Frame[] = [];
  private nodes = 0;

  constructor(private readonly issues: IssueList) {}

  take(root: unknown): Snapshot {
    let value: unknown;
    try {
      value = this.copy(root);
      for (let frame = this.stack.at(-1); frame && !this.issues.full; frame = this.stack.at(-1)) {
        if (frame.next === frame.count) {
          this.stack.pop();
        } else {
          const index = frame.next++;
          frame.write(index, this.copy(frame.items[index]));
        }
      }
    } catch (error) {
      if (error instanceof TooLargeError) {
        this.refuse('maxNodes', `a value must have at most ${MAX_NODES} elements and properties`, root);
      } else {
        this.refuse('readable', 'the value threw when it was read', undefined);
      }
    }
    return { value, originals: this.originals, wide: this.wide };
  }

  private copy(item: unknown): unknown {
    if (typeof item !== 'object' || item === null || isLeaf(item)) return item;
    if (this.stack.length >= MAX_DEPTH) {
      return this.refuse('maxDepth', `a value must be at most ${MAX_DEPTH} levels deep`, item);
    }
    if (this.stack.some(({ source }) => source === item)) {
      return this.refuse('acyclic', 'a value must not contain itself', item);
    }
    if (Array.isArray(item)) return this.copyArray(item);
    if (types.isMap(item)) return this.copyMap(item);
    if (types.isSet(item)) return this.copySet(item);
    if (typeof (item as { then?: unknown }).then === 'function') {
      return this.refuse('awaited', 'a promise is not a value: await it first', item);
    }
    return this.copyRecord(item);
  }

  private copyArray(source: readonly unknown[]): unknown[] {
    this.count(source.length);
    // Copies as fast as memory allows, makes holes `undefined`, and asks neither an iterator nor a species.
    const copy: unknown[] = Array.prototype.toSpliced.call(source, 0, 0);
    const first = firstObject(copy);
    if (first === -1) return copy;
    const write = (index: number, item: unknown): void => {
      copy[index] = item;
    };
    this.push(source, copy, asIndex, write, first);
    return copy;
  }

  private copyMap(source: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    this.count(source.size);
    const keys = [...source.keys()];
    const copy = new Map<unknown, unknown>();
    const items = [...source.values()];
    this.push(
      source,
      items,
      (index) => mapKeyText(keys[index]),
      (index, item) => copy.set(keys[index], item),
    );
    return copy;
  }

  private copySet(source: ReadonlySet<unknown>): Set<unknown> {
    this.count(source.size);
    const copy = new Set<unknown>();
    this.push(source, [...source], asIndex, (_, item) => copy.add(item));
    return copy;
  }

  private copyRecord(source: object): Record<string, unknown> {
    const keys = Object.keys(source);
    this.count(keys.length);
    const copy: Record<string, unknown> = {};
    if (!isPlain(source)) this.originals.set(copy, source);
    if (keys.length > MAX_INSTANCE_KEYS) this.wide.set(copy, this.path());
    const items: unknown[] = [];
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(source, key);
      const fault = faultOf(key, property);
      if (fault !== undefined) {
        if (this.issues.full) break;
        this.issues.add([...this.path(), key], fault.constraint, fault.message, property?.value);
      }
      items.push(fault === undefined ? property?.value : undefined);
    }
    this.push(
      source,
      items,
      (index) => keys[index] ?? '',
      (index, item) => {
        copy[keys[index] ?? ''] = item;
      },
    );
    return copy;
  }

  private push(
    source: object,
    items: readonly unknown[],
    segment: Frame['segment'],
    write: Frame['write'],
    next = 0,
  ): void {
    this.stack.push({ source, items, count: items.length, segment, write, next });
  }

  private count(size: number): void {
    this.nodes += size;
    if (this.nodes > MAX_NODES) throw new TooLargeError();
  }

  /** Of the item that is being copied. */
  private path(): PathSegment[] {
    return this.stack.map((frame) => frame.segment(frame.next - 1));
  }

  private refuse(constraint: string, message: string, received: unknown): undefined {
    this.issues.add(this.path(), constraint, message, received);
  }
}

function faultOf(
  key: string,
  property: PropertyDescriptor | undefined,
): { constraint: string; message: string } | undefined {
  if (FORBIDDEN_KEYS.has(key))
    return { constraint: 'forbiddenKey', message: `the key ${key} is not allowed` };
  if (key.length > MAX_KEY_LENGTH) {
    return { constraint: 'maxKeyLength', message: `a key must have at most ${MAX_KEY_LENGTH} characters` };
  }
  if (property === undefined || property.get !== undefined || property.set !== undefined) {
    return { constraint: 'plainProperty', message: 'a property must hold a value, not a getter' };
  }
  return undefined;
}

/** Big arrays of numbers are what models eat: one plain loop, and they are done. */
function firstObject(items: readonly unknown[]): number {
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    if (typeof item === 'object' && item !== null) return index;
  }
  return -1;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second question knows the plain objects of other realms too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const asIndex = (index: number): number => index;

const mapKeyText = (key: unknown): string =>
  typeof key === 'string' || typeof key === 'number' ? String(key) : `(${typeof key})`;
