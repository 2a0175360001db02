import type { TorchInput } from '../../models/torch/TorchInput';

/** What a dimension 0 is called that is free in every input. */
const BATCH = 'batch';

/**
 * The inputs with a name for every dimension that is given as -1: `batch` for dimension 0, where it is free in all of them,
 * and a name of its own for every other one.
 */
export function nameDimensions(inputs: readonly TorchInput[]): TorchInput[] {
  const counts = inputs.every(({ shape }) => shape[0] === -1);
  return inputs.map((input) => ({
    ...input,
    shape: input.shape.map((size, axis) => {
      if (size !== -1) return size;
      return axis === 0 && counts ? BATCH : `${input.name}_${axis}`;
    }),
  }));
}
