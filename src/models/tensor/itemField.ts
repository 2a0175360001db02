import { RunwrightError } from '../../errors/RunwrightError';
import type { TensorField } from '../../schema/fieldRule';
import type { ModelTensor } from './ModelSignature';

/** One tensor of a runner, by its name. */
export interface NamedField {
  readonly name: string;
  readonly field: TensorField;
}

/**
 * What a runner's class declares for a tensor: without dimension 0 where that counts items.
 *
 * @throws RunwrightError RW_MODEL_FILE_INVALID for a tensor of any shape
 */
export function itemField({ name, dtype, shape, anyShape }: ModelTensor, batch: boolean): NamedField {
  if (anyShape) {
    throw new RunwrightError('RW_MODEL_FILE_INVALID', {
      where: `input "${name}"`,
      what: 'the model declares no shape for it, from which a runner could be made',
      hint: 'Export the model with the shapes of its inputs, or write a runner class for it',
    });
  }
  const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
  return { name, field: { kind: 'tensor', dtype, shape: batch ? sizes.slice(1) : sizes } };
}
