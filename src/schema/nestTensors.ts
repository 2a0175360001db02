import type { PathSegment } from './formatPath';
import { isTensorValue, type TensorValue } from './isTensorValue';
import type { TensorArray } from './tensorElements';
import type { SchemaDescription } from './SchemaDescription';
import { TensorNotJsonError, tensorToNested } from './tensorToNested';

/** False where a walk over the value would find no tensor: it is spared. */
export function mayHoldTensors({ kind, fields }: Pick<SchemaDescription, 'kind' | 'fields'>): boolean {
  if (kind === 'unvalidated' || kind === 'array') return true;
  return fields?.some(({ value }) => value.kind === 'tensor' || value.kind === 'other') ?? kind === 'class';
}

/**
 * A value with nested arrays in the place of its tensors, and arrays in the place of typed ones. What holds none is given back as it is; nothing is changed.
 *
 * @throws TensorNotJsonError with the path of the element; whatever a getter throws
 */
export function nestTensors(value: unknown): unknown {
  return nested(value, [], new Map());
}

/** @param known what has become of an object: one that holds itself is met again before it is done */
function nested(value: unknown, path: PathSegment[], known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (known.has(value)) return known.get(value);
  known.set(value, value);
  const tensor = asTensor(value);
  const result = tensor ? atPath(tensor, path) : withoutTensors(value, path, known);
  known.set(value, result);
  return result;
}

/** A typed array is a tensor of one dimension; a `Buffer` says itself what it is in JSON. */
function asTensor(value: object): TensorValue | undefined {
  if (isTensorValue(value)) return value;
  if (!ArrayBuffer.isView(value) || 'toJSON' in value || !('length' in value)) return undefined;
  const data = value as TensorArray;
  return { type: '', dims: [data.length], data };
}

function atPath(tensor: Parameters<typeof tensorToNested>[0], path: readonly PathSegment[]): unknown {
  try {
    return tensorToNested(tensor);
  } catch (error) {
    throw error instanceof TensorNotJsonError ? new TensorNotJsonError([...path, ...error.path]) : error;
  }
}

function withoutTensors(value: object, path: PathSegment[], known: Map<object, unknown>): object {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    let copy: unknown[] | undefined;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (typeof item !== 'object' || item === null) continue;
      path.push(index);
      const plain = nested(item, path, known);
      path.pop();
      if (plain !== item) (copy ??= items.slice())[index] = plain;
    }
    return copy ?? items;
  }
  // It says itself what it is in JSON.
  if ('toJSON' in value || ArrayBuffer.isView(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'object' || item === null) continue;
    path.push(key);
    const plain = nested(item, path, known);
    path.pop();
    if (plain !== item) (copy ??= { ...value } as Record<string, unknown>)[key] = plain;
  }
  return copy ?? value;
}
