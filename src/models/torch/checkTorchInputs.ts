import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import type { TorchInput } from './TorchInput';

const NUMERIC = Object.keys(TENSOR_ELEMENTS).filter((dtype) => dtype !== 'string');
const KEYS = ['name', 'dtype', 'shape', 'range', 'examples'];

/**
 * Judges the option `inputs`.
 *
 * @throws RunwrightError RW_OPTION_INVALID naming the input and its member
 */
export function checkTorchInputs(inputs: unknown): asserts inputs is readonly TorchInput[] {
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw refuse(
      '',
      `it is ${Array.isArray(inputs) ? 'empty' : describeType(inputs)}`,
      'Give one object for each input',
    );
  const names = new Set<string>();
  for (const [at, input] of inputs.entries()) {
    checkInput(input, `[${at}]`);
    if (names.has(input.name))
      throw refuse(`[${at}].name`, `${input.name} is there twice`, 'Name each input once');
    names.add(input.name);
  }
}

function checkInput(input: unknown, at: string): asserts input is TorchInput {
  if (describeType(input) !== 'object')
    throw refuse(at, `it is ${describeType(input)}`, `Give an object with ${KEYS.join(', ')}`);
  const { name, dtype, shape, range, examples } = input as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(input as object).find((key) => !KEYS.includes(key));
  if (stranger !== undefined)
    throw refuse(`${at}.${stranger}`, 'there is no such member', `Members are ${KEYS.join(', ')}`);
  if (typeof name !== 'string' || name === '' || name === '__proto__')
    throw refuse(
      `${at}.name`,
      `it is ${describeType(name)}, and no name`,
      "Give the name of forward's parameter",
    );
  if (!NUMERIC.includes(dtype as TensorType))
    throw refuse(`${at}.dtype`, 'it is no type of tensor', `Give one of ${NUMERIC.join(', ')}`);
  if (!Array.isArray(shape) || !shape.every(isDimension))
    throw refuse(
      `${at}.shape`,
      'it is no list of dimensions',
      "Give sizes, names of free dimensions such as 'batch', or -1",
    );
  if (range !== undefined && !isRange(range))
    throw refuse(`${at}.range`, 'it is no range', 'Give [min, max], two finite numbers in that order');
  if (range !== undefined && !isRangeOf(range as readonly number[], dtype as TensorType))
    throw refuse(
      `${at}.range`,
      `an end of it is no ${String(dtype)}`,
      'Give two values that such a tensor can hold',
    );
  if (examples !== undefined && !Array.isArray(examples))
    throw refuse(
      `${at}.examples`,
      `it is ${describeType(examples)}`,
      'Give an array of values of this input',
    );
}

const isDimension = (size: unknown): boolean =>
  typeof size === 'string' || size === -1 || (Number.isSafeInteger(size) && (size as number) > 0);

const isRange = (range: unknown): boolean =>
  Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] <= range[1];

function isRangeOf(range: readonly number[], dtype: TensorType): boolean {
  if (dtype.startsWith('float')) return true;
  const bits = dtype === 'bool' ? 1 : Number.parseInt(dtype.replace(/\D+/, ''), 10);
  const isSigned = dtype.startsWith('int');
  const least = isSigned ? -(2 ** (bits - 1)) : 0;
  const largest = Math.min(2 ** (isSigned ? bits - 1 : bits) - 1, Number.MAX_SAFE_INTEGER);
  return range.every((end) => Number.isSafeInteger(end) && end >= least && end <= largest);
}

function refuse(at: string, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_OPTION_INVALID', { where: `option \`inputs\`${at}`, what, hint });
}
