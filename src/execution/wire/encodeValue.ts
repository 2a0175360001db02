import { serialize } from 'node:v8';
import { isTensorValue, type TensorValue } from '../../schema/isTensorValue';
import type { StoredFile } from '../../schema/StoredFile';
import { UploadedFile } from '../../schema/UploadedFile';
import { toWireError, type WireError } from './WireError';

/** Stands for an object of a class that the other side makes anew. */
export type Exotic =
  | { readonly is: 'tensor'; readonly value: TensorValue }
  | { readonly is: 'file'; readonly value: StoredFile }
  | { readonly is: 'error'; readonly value: WireError };

/** What is serialised: the value, with its exotic objects replaced by members of the list, which keep their identity. */
export type Envelope = readonly [value: unknown, exotics: readonly Exotic[]];

/**
 * A value as bytes, by the structured clone algorithm: typed arrays, dates, maps, sets, bigints and cycles survive, and so do
 * tensors, uploaded files and errors in plain objects and arrays. Instances of other classes arrive as plain objects.
 *
 * @throws Error for what cannot be cloned: functions, symbols, promises
 * @see decodeValue
 */
export function encodeValue(value: unknown): Buffer {
  const exotics: Exotic[] = [];
  const envelope: Envelope = hasExotics(value, new Set())
    ? [replaceExotics(value, exotics, new Map()), exotics]
    : [value, exotics];
  return serialize(envelope);
}

function hasExotics(value: unknown, seen: Set<object>): boolean {
  if (!isContainer(value) || seen.has(value)) return false;
  seen.add(value);
  return toExotic(value) !== undefined || Object.values(value).some((member) => hasExotics(member, seen));
}

/** A copy in which every exotic object is replaced by what stands for it. */
function replaceExotics(value: unknown, exotics: Exotic[], copies: Map<object, object>): unknown {
  if (!isContainer(value)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const exotic = toExotic(value);
  if (exotic !== undefined) {
    exotics.push(exotic);
    copies.set(value, exotic);
    return exotic;
  }
  const copy = (Array.isArray(value) ? new Array<unknown>(value.length) : {}) as Record<string, unknown>;
  copies.set(value, copy);
  for (const [key, member] of Object.entries(value)) {
    const replaced = replaceExotics(member, exotics, copies);
    // Not an assignment, which would give `__proto__` a meaning.
    Object.defineProperty(copy, key, {
      value: replaced,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

/** True for what may hold exotic objects, or is one. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return !(
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof ArrayBuffer
  );
}

function toExotic(value: object): Exotic | undefined {
  if (isTensorValue(value)) {
    const { type, dims, data } = value;
    return { is: 'tensor', value: { type, dims: [...dims], data } };
  }
  if (value instanceof Error) return { is: 'error', value: toWireError(value) };
  if (!UploadedFile.is(value)) return undefined;
  const { path, filename, mime, size } = value;
  return { is: 'file', value: { path, filename, mime, size } };
}
