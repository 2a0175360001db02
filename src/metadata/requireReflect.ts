/// <reference types="reflect-metadata" />
import { RunwrightError } from '../errors/RunwrightError';

/** Throws a clear error when the `reflect-metadata` polyfill has not been loaded. */
export function requireReflect(where: string): void {
  if (typeof Reflect.defineMetadata !== 'function' || typeof Reflect.getOwnMetadata !== 'function') {
    throw new RunwrightError('RW_REFLECT_METADATA_MISSING', {
      where,
      what: 'reflect-metadata is not loaded, so decorators have nowhere to write',
      hint: "Add `import 'reflect-metadata'` as the first import of the program, and `npm install reflect-metadata`",
    });
  }
}
