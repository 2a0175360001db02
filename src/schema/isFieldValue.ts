import type { FieldRule } from './fieldRule';
import { matchesMime } from './matchesMime';
import { toTensor } from './toTensor';
import { UploadedFile } from './UploadedFile';

/** Whether a value, converted already, is what `@IsTensor` or `@IsFile` asks for. */
export function isFieldValue(field: FieldRule, value: unknown): boolean {
  if (field.kind === 'tensor') return toTensor(value, field) === value;
  const { mime, maxBytes = Infinity } = field;
  return (
    UploadedFile.is(value) && (mime === undefined || matchesMime(value.mime, mime)) && value.size <= maxBytes
  );
}
