import { types } from 'node:util';
import { isTensorValue } from './isTensorValue';
import { UploadedFile } from './UploadedFile';

/** Objects that are values in themselves: nothing walks into them, copies them or takes them apart. */
export function isLeaf(value: object): boolean {
  // Nearly everything is one of these two, and the questions below are not free.
  if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return false;
  return (
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value) ||
    UploadedFile.is(value) ||
    isTensorValue(value)
  );
}
