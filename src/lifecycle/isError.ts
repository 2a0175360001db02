import { types } from 'node:util';

/** Also of another realm, such as Jest's. */
export const isError = (value: unknown): boolean => value instanceof Error || types.isNativeError(value);
