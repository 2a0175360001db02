import { ValidationError } from '../../errors/ValidationError';
import { formatPath } from '../../schema/formatPath';
import type { ModelSignature } from './ModelSignature';
import type { TensorRecord } from './TensorModel';

interface Place {
  readonly name: string;
  readonly axis: number;
  /** The same axis counted from behind, where an item with a dimension for the batch has it too. */
  readonly behind: number;
}

/**
 * A check of the free dimensions that have one name in several places of the inputs, which a schema of single fields
 * cannot say: `undefined` where there are none.
 *
 * The check throws ValidationError RW_INPUT_INVALID with every place that differs from the first.
 */
export function sharedDimensions({
  inputs,
  batch,
}: ModelSignature): ((item: TensorRecord) => void) | undefined {
  const places = new Map<string, Place[]>();
  for (const { name, shape } of inputs) {
    const dimensions = batch ? shape.slice(1) : shape;
    for (const [axis, size] of dimensions.entries()) {
      if (typeof size !== 'string' || size === '') continue;
      places.set(size, [...(places.get(size) ?? []), { name, axis, behind: axis - dimensions.length }]);
    }
  }
  const shared = [...places].filter(([, list]) => list.length > 1);
  if (shared.length === 0) return undefined;
  return (item) => {
    const issues = shared.flatMap(([symbol, [first, ...others]]) => {
      const size = first && item[first.name]?.dims.at(first.behind);
      return others
        .filter(({ name, behind }) => item[name]?.dims.at(behind) !== size)
        .map(({ name, axis }) => ({
          path: formatPath([name]),
          constraint: 'shape',
          message: `dimension ${axis} ("${symbol}") of ${name} must be ${size}, as dimension ${first?.axis} of ${first?.name} is: received shape [${item[name]?.dims.join(', ')}]`,
          received: 'Tensor',
        }));
    });
    if (issues.length > 0) throw new ValidationError('input', issues);
  };
}
