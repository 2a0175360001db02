import { splitTensors } from '../../models/tensor/splitTensors';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { Tolerance } from './Tolerance';
import type { SeenRun } from './learnOutputs';
import { OutputComparison } from './OutputComparison';

/**
 * Why items cannot share a run although their dimension 0 has one name everywhere: one that is free for another reason, such
 * as the steps of a sequence, has one too. `undefined` where the model answers each item of a batch as it answers it alone.
 *
 * @param seen a run of several items
 * @param run one run of the model
 * @param where for messages: the model's file
 */
export async function whyTogether(
  { inputs, outputs }: SeenRun,
  run: (inputs: TensorRecord) => Promise<TensorRecord>,
  tolerance: Tolerance,
  where: string,
): Promise<string | undefined> {
  const rows = new Array<number>(Object.values(inputs)[0]?.dims[0] ?? 0).fill(1);
  const items = splitTensors(inputs, rows, where);
  const together = splitTensors(outputs, rows, where);
  const comparisons = Object.keys(outputs).map((name) => ({
    name,
    comparison: new OutputComparison(name, tolerance),
  }));
  for (const [at, item] of items.entries()) {
    const alone = await run(item);
    for (const { name, comparison } of comparisons) {
      const [one, other] = [together[at]?.[name], alone[name]];
      if (!one || !other || one.dims.join() !== other.dims.join()) return dependent(name);
      comparison.add(one, other);
    }
  }
  const other = comparisons.find(({ comparison }) => comparison.worst !== undefined);
  return other && dependent(other.name);
}

const dependent = (name: string): string =>
  `the output "${name}" of an item depends on the other items of its run`;
