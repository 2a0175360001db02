import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { isTensorLike } from '../../schema/isTensorLike';
import { TensorFault, toTensor } from '../../schema/toTensor';
import { itemField } from './itemField';
import type { ModelSignature, ModelTensor } from './ModelSignature';
import type { TensorRecord } from './TensorModel';

/**
 * What a function of the user's gave, as the tensors of a model: by name, or the one tensor of a model with one input; each
 * a `Tensor`, nested arrays, or a typed array. Where dimension 0 counts items, a tensor may have it or not, but all alike.
 *
 * @param giver for messages: `preprocess`
 * @throws RunwrightError RW_TENSOR_INVALID with the name, what is expected, and what was received
 */
export function toItem(given: unknown, { inputs, batch }: ModelSignature, giver: string): TensorRecord {
  const named = byName(given, inputs, giver);
  const item: Record<string, TensorRecord[string]> = {};
  let withRows: boolean | undefined;
  for (const input of inputs) {
    const value = named[input.name];
    const hasRows = batch && rankOf(value) === input.shape.length;
    if (withRows !== undefined && withRows !== hasRows) {
      throw invalid(
        giver,
        `some of its tensors have a dimension for the batch and others have none (${input.name})`,
        'Give all with dimension 0, or all without',
      );
    }
    withRows = hasRows;
    const { field } = itemField(input, batch && !hasRows);
    const tensor = toTensor(value, field);
    if (tensor instanceof TensorFault) {
      const at = tensor.path.map((index) => `[${index}]`).join('');
      throw invalid(
        giver,
        `${input.name}${at} must be a ${field.dtype} tensor of shape ${show(field.shape)}: ${tensor.detail}`,
        batch && !hasRows
          ? `Give one item; or, where a postprocess takes them, several with a dimension for the batch in front: ${show([-1, ...field.shape])}`
          : 'Give a Tensor, nested arrays, or a typed array of that type and shape',
      );
    }
    item[input.name] = tensor as TensorRecord[string];
  }
  return item;
}

function byName(
  given: unknown,
  inputs: readonly ModelTensor[],
  giver: string,
): Readonly<Record<string, unknown>> {
  const names = inputs.map(({ name }) => name);
  const [only] = names;
  const isOne = Array.isArray(given) || ArrayBuffer.isView(given) || isTensorLike(given);
  if (isOne && names.length === 1 && only !== undefined) return { [only]: given };
  if (isOne || typeof given !== 'object' || given === null) {
    throw invalid(
      giver,
      `${isOne ? 'one tensor' : describeType(given)} is not what the model takes: ${names.join(', ')}`,
      `Give an object { ${names.join(', ')} }${names.length === 1 ? ', or the one tensor' : ''}`,
    );
  }
  const record = given as Readonly<Record<string, unknown>>;
  const missing = names.filter((name) => record[name] === undefined);
  const unknown = Object.keys(record).filter((name) => !names.includes(name));
  if (missing.length === 0 && unknown.length === 0) return record;
  throw invalid(
    giver,
    [
      ...(missing.length > 0 ? [`${missing.join(', ')} is missing`] : []),
      ...(unknown.length > 0 ? [`the model has no input ${unknown.join(', ')}`] : []),
    ].join('; '),
    `Give exactly ${names.join(', ')}`,
  );
}

/** Of nested arrays and tensors; `undefined` for what has no shape of its own. */
function rankOf(value: unknown): number | undefined {
  if (isTensorLike(value)) return value.dims.length;
  if (!Array.isArray(value)) return undefined;
  let rank = 0;
  for (let row: unknown = value; Array.isArray(row); row = row[0]) rank += 1;
  return rank;
}

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

function invalid(where: string, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_TENSOR_INVALID', { where, what, hint });
}
