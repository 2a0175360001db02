import type { ModelSignature } from './ModelSignature';
import { splitTensors } from './splitTensors';
import { stackTensors } from './stackTensors';
import type { TensorRecord } from './TensorModel';

/**
 * The outputs of many sets of inputs, in their order: where the signature has `batch`, those that differ in dimension 0
 * alone are stacked into one run; otherwise each is a run.
 *
 * @param items checked already
 * @param run one run of the model
 * @param where for messages: the model's file
 */
export async function runStacked(
  { inputs, batch }: ModelSignature,
  items: readonly TensorRecord[],
  run: (inputs: TensorRecord) => Promise<TensorRecord>,
  where: string,
): Promise<TensorRecord[]> {
  const outputs = new Array<TensorRecord>(items.length);
  for (const group of batch && inputs.length > 0
    ? groupByShape(items)
    : [...items.keys()].map((at) => [at])) {
    const members = group.map((at) => items[at] as TensorRecord);
    const [only] = members;
    if (members.length === 1 && only !== undefined) {
      outputs[group[0] as number] = await run(only);
      continue;
    }
    const { stacked, rows } = stackTensors(members);
    const parts = splitTensors(await run(stacked), rows, where);
    group.forEach((at, index) => (outputs[at] = parts[index] as TensorRecord));
  }
  return outputs;
}

/** Indexes of items whose dimensions behind the first are equal. */
function groupByShape(items: readonly TensorRecord[]): Iterable<readonly number[]> {
  const [first] = items;
  if (first === undefined) return [];
  const names = Object.keys(first);
  // The usual case, without a text for each item.
  if (items.every((item) => names.every((name) => haveEqualRows(item[name], first[name])))) {
    return [[...items.keys()]];
  }
  const groups = new Map<string, number[]>();
  for (const [at, item] of items.entries()) {
    const key = names.map((name) => item[name]?.dims.slice(1).join(',')).join(';');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [at]);
    else group.push(at);
  }
  return groups.values();
}

function haveEqualRows(
  one: TensorRecord[string] | undefined,
  other: TensorRecord[string] | undefined,
): boolean {
  if (one === undefined || other === undefined || one.dims.length !== other.dims.length) return false;
  for (let axis = 1; axis < one.dims.length; axis += 1) if (one.dims[axis] !== other.dims[axis]) return false;
  return true;
}
