import { RunwrightError } from '../../errors/RunwrightError';
import type { ModelTensor } from '../../models/tensor/ModelSignature';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { TensorType } from '../../schema/TensorType';
import type { CaseInput } from './CaseInput';

/** One run of a model: what went in and what came out. */
export interface SeenRun {
  readonly inputs: TensorRecord;
  readonly outputs: TensorRecord;
}

/**
 * What a model gives, learnt from two runs at different sizes of its free dimensions: a dimension that stayed is fixed, one
 * that changed as a free dimension of the inputs did has its name, any other one a name of its own.
 *
 * @throws RunwrightError RW_EXPORT_FAILED when the two runs differ in their outputs, types or numbers of dimensions
 */
export function learnOutputs(
  inputs: readonly CaseInput[],
  [one, other]: readonly [SeenRun, SeenRun],
  where: string,
): ModelTensor[] {
  const sizes = [one, other].map((run) => sizesOf(inputs, run.inputs));
  return Object.entries(one.outputs).map(([name, first]) => {
    const second = other.outputs[name];
    if (second?.type !== first.type || second.dims.length !== first.dims.length) {
      throw new RunwrightError('RW_EXPORT_FAILED', {
        where,
        what: `its output ${name} is ${describe(first)} for one input and ${second ? describe(second) : 'absent'} for another`,
        hint: 'A model gives the same outputs, with the same numbers of dimensions, for every input',
      });
    }
    const shape = first.dims.map((size, axis) => {
      const otherSize = second.dims[axis];
      if (size === otherSize) return size;
      const known = Object.keys(sizes[0] ?? {}).find(
        (symbol) => sizes[0]?.[symbol] === size && sizes[1]?.[symbol] === otherSize,
      );
      return known ?? `${name}_${axis}`;
    });
    return { name, dtype: first.type as TensorType, shape };
  });
}

function sizesOf(inputs: readonly CaseInput[], tensors: TensorRecord): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const { name, shape } of inputs) {
    shape.forEach((symbol, axis) => {
      if (typeof symbol === 'string') sizes[symbol] = tensors[name]?.dims[axis] ?? 0;
    });
  }
  return sizes;
}

const describe = ({ type, dims }: TensorRecord[string]): string => `${type} [${dims.join(', ')}]`;
