import { types } from 'node:util';
import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { BINARY_KINDS, binaryKindOf, bytesOf } from './binaryKinds';
import { childrenFirst } from './childrenFirst';
import { hasOwnProperties } from './hasOwnProperties';
import { isModelClass } from './ModelClass';
import { MODEL_FILE, MODEL_FORMAT, MODEL_FORMAT_VERSION } from './modelFormat';
import { notSerializable } from './notSerializable';
import type { Place, Step } from './Place';
import type { Slot } from './Slot';

export interface EncodedValue {
  /** The text of `model.json`. */
  readonly json: string;
  /** One per typed array or buffer, in the order of their numbers; `bytes` is the caller's own memory, not a copy. */
  readonly blobs: readonly { readonly bytes: Buffer; readonly elementSize: number }[];
}

// A loader must be able to hold the text as one string, and a Map takes 2^24 keys.
const MOST_CHARACTERS = 2 ** 28;
const MOST_NODES = 2 ** 24 - 1;

const PLAIN_DATA = 'Leave it out of the model, or declare `@Save` and `@Load` in the runner';
const WAYS_OUT =
  'Declare `@Save` and `@Load` in the runner, or give the class `toJSON()` and a static `fromJSON(json)`';

/**
 * Turns a value into the text and the bytes of the default model format. Every object becomes one node of a flat table and
 * is referred to by its number: identity and cycles survive, and no nesting is too deep.
 *
 * @throws RunwrightError RW_MODEL_NOT_SERIALIZABLE, or RW_STAGE_FAILED when a `toJSON` throws
 */
export function encodeValue(root: unknown): EncodedValue {
  return new Encoder().encode(root);
}

class Encoder {
  readonly #numbers = new Map<object, number>();
  readonly #found: { readonly value: object; readonly place: Place }[] = [];
  readonly #instances = new Map<number, string>();
  readonly #blobs: { bytes: Buffer; elementSize: number }[] = [];
  #referred: number[] = [];

  encode(root: unknown): EncodedValue {
    const rootSlot = this.#slot(root, undefined, { code: '' });
    const nodes: string[] = [];
    const children: number[][] = [];
    let characters = 0;
    // The list grows while it is walked: a queue in place of recursion.
    for (const [number, { value, place }] of this.#found.entries()) {
      this.#referred = [];
      const text = stringify(this.#node(value, place, number), place);
      children.push(this.#referred);
      characters += text.length;
      if (characters > MOST_CHARACTERS) throw tooLarge(place);
      nodes.push(text);
    }
    this.#refuseCyclicInstances(children);
    const header = `"format":"${MODEL_FORMAT}","version":${MODEL_FORMAT_VERSION}`;
    const json = `{${header},"value":${JSON.stringify(rootSlot)},"nodes":[\n${nodes.join(',\n')}\n]}\n`;
    return { json, blobs: this.#blobs };
  }

  #slot(value: unknown, parent: Place | undefined, step: Step): Slot {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (Object.is(value, -0)) return ['number', '-0'];
        return Number.isFinite(value) ? value : ['number', String(value)];
      case 'bigint':
        return ['bigint', String(value)];
      case 'undefined':
        return ['undefined'];
      case 'object':
        return value === null ? null : ['ref', this.#number(value, parent, step)];
      default:
        throw notSerializable({ parent, step }, `a ${typeof value}`, PLAIN_DATA);
    }
  }

  #number(value: object, parent: Place | undefined, step: Step): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#found.length;
      const place = { parent, step };
      if (number >= MOST_NODES) throw tooLarge(place);
      this.#numbers.set(value, number);
      this.#found.push({ value, place });
    }
    this.#referred.push(number);
    return number;
  }

  #node(value: object, place: Place, number: number): readonly unknown[] {
    if (types.isProxy(value)) throw notSerializable(place, 'a Proxy', PLAIN_DATA);
    if (types.isExternal(value)) throw notSerializable(place, 'a handle of native code', PLAIN_DATA);
    // The length of the chain tells a built-in from its subclass in every realm, where `instanceof` cannot.
    const depth = prototypeDepth(value);
    if (depth === 0) return ['null-object', this.#members(value, place)];
    if (isPlainObject(value, depth)) return ['object', this.#members(value, place)];
    const kind = binaryKindOf(value, depth);
    if (kind !== undefined) return this.#bytes(value, kind, place);
    if (depth === 2) {
      if (Array.isArray(value)) return ['array', this.#elements(value, place)];
      if (types.isMap(value)) return ['map', this.#entries(value, place)];
      if (types.isSet(value)) return ['set', this.#items(value, place)];
      if (types.isDate(value)) return ['date', this.#time(value, place)];
    }
    return this.#instance(value, place, number);
  }

  #members(value: object, place: Place): Record<string, Slot> {
    // Without a prototype, so that a key `__proto__` is a key like any other.
    const members = Object.create(null) as Record<string, Slot>;
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol') throw notSerializable(place, 'a symbol as a key', PLAIN_DATA);
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined || !('value' in property)) {
        throw notSerializable({ parent: place, step: key }, 'a getter or setter', PLAIN_DATA);
      }
      if (property.enumerable !== true) {
        throw notSerializable({ parent: place, step: key }, 'a property that is not enumerable', PLAIN_DATA);
      }
      members[key] = this.#slot(property.value, place, key);
    }
    return members;
  }

  #elements(value: readonly unknown[], place: Place): Slot[] {
    const keys = Object.keys(value);
    // Indexes come first among the keys of an object: with all of them there and nothing else, the last one is the last key.
    const whole = keys.length === value.length && (keys.at(-1) ?? '-1') === String(value.length - 1);
    if (!whole || Object.getOwnPropertySymbols(value).length > 0) {
      const hint = 'Fill holes with `undefined` or `null`, and put properties beside the array';
      throw notSerializable(place, 'an array with holes or with properties of its own', hint);
    }
    return value.map((element, index) => this.#slot(element, place, index));
  }

  #entries(value: ReadonlyMap<unknown, unknown>, place: Place): [Slot, Slot][] {
    refuseProperties(value, 'a Map', place);
    return Array.from(value, ([key, member], index) => [
      this.#slot(key, place, { code: `.entries()[${index}][0]` }),
      this.#slot(member, place, { code: `.entries()[${index}][1]` }),
    ]);
  }

  #items(value: ReadonlySet<unknown>, place: Place): Slot[] {
    refuseProperties(value, 'a Set', place);
    return Array.from(value, (item, index) => this.#slot(item, place, { code: `.values()[${index}]` }));
  }

  #time(value: Date, place: Place): string | null {
    refuseProperties(value, 'a Date', place);
    return value.toJSON();
  }

  #bytes(value: object, kind: string, place: Place): readonly unknown[] {
    const bytes = bytesOf(value);
    if (bytes === undefined) {
      const hint = 'Save the model before its memory is transferred to another thread';
      throw notSerializable(place, `a ${kind} whose memory was transferred away`, hint);
    }
    refuseProperties(value, `a ${kind}`, place);
    const number = this.#blobs.length;
    this.#blobs.push({ bytes, elementSize: BINARY_KINDS.get(kind)?.elementSize ?? 1 });
    return ['bytes', kind, number, bytes.length];
  }

  #instance(value: object, place: Place, number: number): readonly unknown[] {
    const { constructor } = value;
    const saves = 'toJSON' in value && typeof value.toJSON === 'function';
    const loads = isModelClass(constructor);
    if (!saves || !loads || constructor.name === '') {
      throw notSerializable(place, describeInstance(value), WAYS_OUT);
    }
    this.#instances.set(number, constructor.name);
    return [
      'instance',
      constructor.name,
      this.#slot(callToJSON(value, constructor.name), place, { code: '.toJSON()' }),
    ];
  }

  #refuseCyclicInstances(children: readonly (readonly number[])[]): void {
    if (this.#instances.size === 0) return;
    const number = childrenFirst(children).cyclic.findLast((node) => this.#instances.has(node));
    if (number === undefined) return;
    throw notSerializable(
      this.#found[number]?.place,
      `an instance of ${this.#instances.get(number)} whose toJSON leads into a cycle: fromJSON would get an unfinished value`,
      'Leave the reference back out of `toJSON`, and restore it in `fromJSON`',
    );
  }
}

function prototypeDepth(value: object): number {
  let depth = 0;
  for (let at: unknown = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) depth++;
  return depth;
}

/** A prototype chain of one is an object literal of some realm, or an object made on top of a bare one. */
function isPlainObject(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return depth === 1 && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

function describeInstance(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === 'function' ? constructor.name : describeType(value);
  if (name === '') return 'an instance of a class without a name';
  const half =
    'toJSON' in value && !isModelClass(constructor) ? ', which has toJSON but no static fromJSON' : '';
  return `an instance of ${name}${half}`;
}

function refuseProperties(value: object, what: string, place: Place): void {
  if (!hasOwnProperties(value)) return;
  const hint = 'Put them beside it, in an object that holds both';
  throw notSerializable(place, `${what} with properties of its own`, hint);
}

function callToJSON(value: object, name: string): unknown {
  try {
    return (value as { toJSON(): unknown }).toJSON();
  } catch (cause) {
    throw new RunwrightError('RW_STAGE_FAILED', {
      where: `${name}.toJSON`,
      what: 'it threw while the model was saved',
      hint: 'See the cause',
      cause,
    });
  }
}

function stringify(node: readonly unknown[], place: Place): string {
  try {
    return JSON.stringify(node);
  } catch (cause) {
    // One thing can go wrong with a node: it is longer than a string may be.
    throw tooLarge(place, cause);
  }
}

function tooLarge(place: Place, cause?: unknown): RunwrightError {
  const hint = 'Keep large lists of numbers in typed arrays, or declare `@Save` and `@Load` in the runner';
  return notSerializable(
    place,
    `as many objects or as much text as this: ${MODEL_FILE} would not load`,
    hint,
    cause,
  );
}
