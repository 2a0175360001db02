import { RunwrightError } from '../../errors/RunwrightError';
import { describeTensor } from './describeTensor';
import type { ModelSignature, ModelTensor } from './ModelSignature';

/**
 * The signature of a model, with the answer to whether items can be stacked along dimension 0.
 *
 * @param batch what the user declared; by default, dimension 0 of every input and output must have one and the same name
 * @param where for messages: the model's file
 * @throws RunwrightError RW_OPTION_INVALID when `batch` is true and a dimension 0 is absent or fixed
 */
export function createSignature(
  inputs: readonly ModelTensor[],
  outputs: readonly ModelTensor[],
  { batch, where }: { batch: boolean | undefined; where: string },
): ModelSignature {
  const never = whyNever(inputs, outputs);
  if (batch === true && never !== undefined) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `${where}, option \`batch\``,
      what: `it is true, but ${never}`,
      hint: 'Leave it out: the items are then run one by one',
    });
  }
  const reason = batch === false ? 'the option `batch` is false' : (never ?? whyNotAlone(inputs, outputs));
  const stacks = batch === true || reason === undefined;
  return Object.freeze(
    stacks ? { inputs, outputs, batch: true } : { inputs, outputs, batch: false, batchReason: reason },
  );
}

/** Why no declaration could make it so. */
function whyNever(inputs: readonly ModelTensor[], outputs: readonly ModelTensor[]): string | undefined {
  if (inputs.length === 0 || outputs.length === 0) return 'the model has no inputs or no outputs';
  for (const [side, tensors] of [
    ['input', inputs],
    ['output', outputs],
  ] as const) {
    for (const tensor of tensors) {
      const { name, anyShape } = tensor;
      const [first] = tensor.shape;
      if (typeof first === 'string') continue;
      if (anyShape) return `${side} "${name}" has no declared shape`;
      const found = first === undefined ? 'has no dimensions' : `has ${first} as its dimension 0`;
      return `${side} "${name}" (${describeTensor(tensor)}) ${found}`;
    }
  }
  return undefined;
}

/** Why the file alone does not make it so. */
function whyNotAlone(inputs: readonly ModelTensor[], outputs: readonly ModelTensor[]): string | undefined {
  const all = [...inputs, ...outputs];
  const unnamed = all.find(({ shape }) => shape[0] === '');
  if (unnamed !== undefined) return `dimension 0 of "${unnamed.name}" has no name`;
  const [first] = all;
  const other = all.find(({ shape }) => shape[0] !== first?.shape[0]);
  if (first === undefined) return undefined;
  // A square of items by items: two of them are not one of twice as many.
  const again = all.find(({ shape }) => shape.lastIndexOf(first.shape[0] ?? '') > 0);
  if (other === undefined) {
    return (
      again &&
      `"${again.name}" has "${first.shape[0]}" as another dimension too, so its items depend on each other`
    );
  }
  return `dimension 0 of "${first.name}" is named "${first.shape[0]}", that of "${other.name}" is "${other.shape[0]}"`;
}
