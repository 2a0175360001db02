import { types } from 'node:util';

/** Also of another realm, such as Jest's. A proxy that does not let itself be looked at is none. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || types.isNativeError(value);
  } catch {
    return false;
  }
}
