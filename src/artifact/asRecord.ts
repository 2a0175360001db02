import { isRecord } from './isRecord';

/** Parsed JSON as an object to look members up in: an empty one when it is none. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
