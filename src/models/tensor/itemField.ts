import type { TensorField } from '../../schema/fieldRule';
import type { ModelTensor } from './ModelSignature';

/** One tensor of a runner, by its name. */
export interface NamedField {
  readonly name: string;
  readonly field: TensorField;
}

/** What a runner's class declares for a tensor: without dimension 0 where that counts items. */
export function itemField({ name, dtype, shape }: ModelTensor, batch: boolean): NamedField {
  const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
  return { name, field: { kind: 'tensor', dtype, shape: batch ? sizes.slice(1) : sizes } };
}
