import { deserialize } from 'node:v8';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorType } from '../../schema/TensorType';
import { UploadedFile } from '../../schema/UploadedFile';
import type { Envelope, Exotic } from './encodeValue';
import { fromWireError } from './WireError';

/** The value that `encodeValue` wrote. Its typed arrays may be views of `bytes`. */
export function decodeValue(bytes: Uint8Array): unknown {
  const [value, exotics] = deserialize(bytes) as Envelope;
  if (exotics.length === 0) return value;
  return restore(
    value,
    new Map<unknown, object>(exotics.map((exotic) => [exotic, revive(exotic)])),
    new Set(),
  );
}

/** Puts the objects in the places of those that stand for them. */
function restore(value: unknown, revived: ReadonlyMap<unknown, object>, seen: Set<object>): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const object = revived.get(value);
  if (object !== undefined) return object;
  if (seen.has(value)) return value;
  seen.add(value);
  for (const [key, member] of Object.entries(value)) {
    const restored = restore(member, revived, seen);
    if (restored !== member) (value as Record<string, unknown>)[key] = restored;
  }
  return value;
}

function revive(exotic: Exotic): object {
  if (exotic.is === 'error') return fromWireError(exotic.value);
  if (exotic.is === 'file') return new UploadedFile(exotic.value);
  const { type, data, dims } = exotic.value;
  return makeTensor(type as TensorType, data, dims);
}
