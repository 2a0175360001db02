import type { FieldValue } from './FieldDescription';

export type TensorField = Extract<FieldValue, { kind: 'tensor' }>;
export type FileField = Extract<FieldValue, { kind: 'file' }>;
/** What `@IsTensor` and `@IsFile` say of a property. */
export type FieldRule = TensorField | FileField;

// By name: the decorators may be those of another copy of Runwright.
const FIELD = Symbol.for('runwright.field');

/** What class-validator keeps beside a rule, and gives back with an error of it. */
export function fieldContext(field: FieldRule): object {
  return { [FIELD]: field };
}

/** @param context of a rule of class-validator, or of an error */
export function fieldRuleOf(context: unknown): FieldRule | undefined {
  return typeof context === 'object' && context !== null
    ? (context as { [FIELD]?: FieldRule })[FIELD]
    : undefined;
}
