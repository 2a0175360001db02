import { describeFieldRule } from './describeFieldRule';
import type { FieldRule } from './fieldRule';
import type { PathSegment } from './formatPath';
import { matchesMime } from './matchesMime';
import { TensorFault, toTensor } from './toTensor';
import { UploadedFile } from './UploadedFile';

interface FieldFault {
  /** From the property on. */
  readonly path: readonly PathSegment[];
  readonly message: string;
  readonly received: unknown;
}

/** What exactly is wrong with a value that `@IsTensor` or `@IsFile` refused. */
export function fieldFault(field: FieldRule, property: string, value: unknown): FieldFault {
  const expected = `${property} must be ${describeFieldRule(field)}`;
  const whole = (message: string): FieldFault => ({ path: [], message, received: value });
  if (field.kind === 'tensor') {
    const fault = toTensor(value, field);
    if (!(fault instanceof TensorFault)) return whole(expected);
    return { path: fault.path, message: `${expected}: ${fault.detail}`, received: fault.received };
  }
  if (!UploadedFile.is(value)) {
    return whole(`${property} must be a file: send it as a part of multipart/form-data`);
  }
  const isOfType = field.mime === undefined || matchesMime(value.mime, field.mime);
  return whole(`${expected}: it is ${isOfType ? 'larger' : 'of another type'}`);
}
