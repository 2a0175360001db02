import { inspect, types } from 'node:util';

const OTHER_KEYS_ONLY = { maxArrayLength: 0, depth: 0, customInspect: false };

/** True when a built-in object (not an array) carries members of its own beside its content, such as `weights.shape`. */
export function hasOwnProperties(value: object): boolean {
  if (!types.isTypedArray(value)) return Reflect.ownKeys(value).length > 0;
  // Listing the keys would make one string per element; a bare twin over the same memory looks the same, or it does not.
  return inspect(value, OTHER_KEYS_ONLY) !== inspect(value.subarray(), OTHER_KEYS_ONLY);
}
