import { RunwrightError } from '../../errors/RunwrightError';
import { TensorFault, toTensor } from '../../schema/toTensor';
import { itemField } from '../../models/tensor/itemField';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { CaseInput } from './CaseInput';
import { generateTensor, type Pattern } from './generateTensor';
import { randomNumbers } from './randomNumbers';

/** One set of inputs that a model is run on to see what it answers. */
export interface Case {
  /** For people: `random values, batch 3`. */
  readonly description: string;
  readonly inputs: TensorRecord;
}

export interface CaseOptions {
  /** How many are generated, beside the examples. */
  readonly count: number;
  /** The name of the dimension that counts items; `undefined` where there is none. */
  readonly batchName: string | undefined;
  /** Least and largest size of a free dimension, by its name, where the model says it. */
  readonly sizes?: Readonly<Record<string, { readonly min?: number; readonly max?: number }>> | undefined;
}

/** One item alone, and several: what a model does to a batch often goes wrong at one of the two. */
const BATCH_SIZES = [1, 3] as const;
/** Of the first other free dimension; multiples of 8, as strides and poolings divide them. */
const SIZES = [16, 24] as const;
/** Between one free dimension and the next, so that outputs show which one theirs is. */
const STEP = 16;
const PATTERNS: readonly Pattern[] = ['random', 'zero', 'least', 'largest', 'alternating'];

/**
 * The examples first, then generated cases: every pattern of edge values at two sizes of every free dimension, then random
 * ones. The same input gives the same cases.
 *
 * @throws RunwrightError RW_OPTION_INVALID for an example that does not fit its input
 */
export function* generateCases(inputs: readonly CaseInput[], options: CaseOptions): Generator<Case> {
  const seen: Record<string, number>[] = [];
  const examples = Math.max(0, ...inputs.map((input) => input.examples?.length ?? 0));
  for (let at = 0; at < examples; at += 1) {
    const sizes = {};
    const known = inputs.map((input) => readExample(input, at, sizes));
    seen.push(sizes);
    const random = randomNumbers(at);
    yield {
      description: `example ${at}`,
      inputs: record(
        inputs,
        (input, index) => known[index] ?? generateTensor(input, dimsOf(input, at, sizes), 'random', random),
      ),
    };
  }
  for (let at = 0; at < options.count; at += 1) {
    const pattern = PATTERNS[at >> 1] ?? 'random';
    const sizes = {
      ...chooseSizes(inputs, at % 2, options),
      ...withoutBatch(seen[at % Math.max(1, seen.length)], options),
    };
    const random = randomNumbers(1000 + at);
    const shown = Object.entries(sizes)
      .map(([name, size]) => `, ${name} ${size}`)
      .join('');
    yield {
      description: `${pattern} values${shown}`,
      inputs: record(inputs, (input) => generateTensor(input, dimsOf(input, at % 2, sizes), pattern, random)),
    };
  }
}

/** The sizes of the dimension that counts items, among the generated cases. */
export function batchSizesOf({ batchName, sizes = {} }: CaseOptions): number[] {
  if (batchName === undefined) return [];
  return [...new Set([0, 1].map((turn) => sizeWithin(BATCH_SIZES, turn, sizes[batchName])))];
}

/** Random values at chosen sizes of the free dimensions, to trace a model with. */
export function generateInputs(
  inputs: readonly CaseInput[],
  sizes: Readonly<Record<string, number>>,
): TensorRecord {
  const random = randomNumbers(0);
  return record(inputs, (input) => generateTensor(input, dimsOf(input, 0, sizes), 'random', random));
}

function record(
  inputs: readonly CaseInput[],
  make: (input: CaseInput, index: number) => TensorRecord[string],
): TensorRecord {
  return Object.fromEntries(inputs.map((input, index) => [input.name, make(input, index)]));
}

/** An example's tensor; notes the sizes of free dimensions that it has. */
function readExample(
  input: CaseInput,
  at: number,
  sizes: Record<string, number>,
): TensorRecord[string] | undefined {
  const example = input.examples?.[at];
  if (example === undefined) return undefined;
  const tensor = toTensor(example, itemField(input, false).field);
  if (tensor instanceof TensorFault) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `input "${input.name}", example ${at}`,
      what: `it must be a ${input.dtype} tensor of shape [${input.shape.join(', ')}]: ${tensor.detail}`,
      hint: 'Give a Tensor or nested arrays of the full shape, the dimension of the batch included',
    });
  }
  input.shape.forEach((size, axis) => {
    if (typeof size === 'string' && size !== '') sizes[size] = tensor.dims[axis] ?? 1;
  });
  return tensor as TensorRecord[string];
}

function chooseSizes(
  inputs: readonly CaseInput[],
  turn: number,
  { batchName, sizes = {} }: CaseOptions,
): Record<string, number> {
  const names = new Set(inputs.flatMap(({ shape }) => shape.filter((size) => typeof size === 'string')));
  names.delete(batchName ?? '');
  const wanted = [...names].map((name, at): [string, readonly number[]] => [
    name,
    SIZES.map((size) => size + at * STEP),
  ]);
  if (batchName !== undefined) wanted.unshift([batchName, BATCH_SIZES]);
  return Object.fromEntries(wanted.map(([name, pair]) => [name, sizeWithin(pair, turn, sizes[name])]));
}

/** Both are moved together into what is allowed, so that they stay two wherever two sizes are allowed. */
function sizeWithin(
  [low = 1, high = low]: readonly number[],
  turn: number,
  { min = 1, max = Infinity }: { readonly min?: number; readonly max?: number } = {},
): number {
  const size = (turn === 0 ? low : high) + Math.max(0, min - low) - Math.max(0, high - max);
  return Math.min(max, Math.max(min, size));
}

/** Sizes that an example has are ones that the model takes; the batch stays what it is. */
function withoutBatch(
  sizes: Readonly<Record<string, number>> | undefined,
  { batchName }: CaseOptions,
): Record<string, number> {
  return Object.fromEntries(Object.entries(sizes ?? {}).filter(([name]) => name !== batchName));
}

function dimsOf(input: CaseInput, turn: number, sizes: Readonly<Record<string, number>>): number[] {
  return input.shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? SIZES[turn % 2] ?? 1)));
}
