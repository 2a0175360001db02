import type { FieldValue } from '../../schema/FieldDescription';
import type { TensorType } from '../../schema/TensorType';
import type { OipDatatype } from './OipDatatype';

/** What a tensor carries: a field that has a tensor's form, or the bytes of a runner that takes or gives bytes. */
export type Carried =
  | Exclude<FieldValue, { readonly kind: 'file' | 'other' }>
  | { readonly kind: 'bytes'; readonly array: false };

/** One tensor of a runner, as the protocol's metadata shows it. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: OipDatatype;
  /** -1 is a variable dimension. With `batch` in the signature the first dimension counts the items. */
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  readonly carries: Carried;
  readonly optional: boolean;
}
