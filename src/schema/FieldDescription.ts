import type { TensorType } from './TensorType';

/** What one property of a class holds, as far as something other than JSON can carry it. */
export type FieldValue =
  | {
      readonly kind: 'tensor';
      readonly dtype: TensorType;
      /** Of one item; -1 is a free dimension. */
      readonly shape: readonly number[];
    }
  /** `array` is true for a flat array of them. */
  | { readonly kind: 'number' | 'integer' | 'string' | 'boolean'; readonly array: boolean }
  | {
      readonly kind: 'file';
      /** Accepted media types, such as `image/png` or `image/*`; absent for any. */
      readonly mime?: readonly string[];
      /** Absent for no limit of its own. */
      readonly maxBytes?: number;
    }
  | { readonly kind: 'other'; /** Why nothing but JSON carries it, for people. */ readonly reason: string };

export interface FieldDescription {
  /** The name in the caller's JSON. */
  readonly name: string;
  /** The name on an instance: another one with `@Expose({ name })`. */
  readonly property: string;
  readonly optional: boolean;
  readonly value: FieldValue;
}
