import { describeType } from '../../errors/describeType';
import { isTensorLike } from '../../schema/isTensorLike';
import type { TensorValue } from '../../schema/isTensorValue';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import { describeTensor } from './describeTensor';
import type { ModelSignature, ModelTensor } from './ModelSignature';
import type { TensorRecord } from './TensorModel';
import { tensorInvalid } from './tensorInvalid';

/**
 * Judges one set of inputs before it reaches native code: names, element types, ranks, fixed dimensions, one size for each
 * name of a dimension (and for dimension 0 of all where the signature has `batch`), as many elements as the shape says.
 *
 * @param inputs its values are not trusted to be tensors
 * @param item its index, where there are several sets
 * @throws RunwrightError RW_TENSOR_INVALID with the tensor's name, the expected and the received type and shape
 */
export type TensorCheck = (inputs: TensorRecord, item?: number) => void;

/** One input, as the check reads it. */
interface Expected {
  readonly name: string;
  readonly tensor: ModelTensor;
  /** -1 for any. */
  readonly rank: number;
  /** By dimension: a size, or -1. */
  readonly fixed: readonly number[];
  /** By dimension: the number of its name, or -1. */
  readonly symbols: readonly number[];
  /** What `Symbol.toStringTag` of the data says; `undefined` for strings. */
  readonly array: string | undefined;
  readonly prototype: object | undefined;
}

/**
 * The check of a model. It stands before every run, so it is quick for inputs that fit.
 *
 * @param where for messages: the model's file
 */
export function createTensorCheck(
  signature: Pick<ModelSignature, 'inputs' | 'batch'>,
  where: string,
): TensorCheck {
  const plan = planCheck(signature);
  return (given, item) => {
    // All expected ones are there: another number of names means unknown ones.
    const fits = fitsAll(given, plan) && Object.keys(given).length === plan.expected.length;
    if (!fits) throw findFault(given, plan, describeItem(where, item));
  };
}

/** The same without a message: whether the check lets the inputs through, which have no names but those of the signature. */
export function createTensorFit(
  signature: Pick<ModelSignature, 'inputs' | 'batch'>,
): (inputs: TensorRecord) => boolean {
  const plan = planCheck(signature);
  return (given) => fitsAll(given, plan);
}

interface CheckPlan {
  readonly expected: readonly Expected[];
  /** Sizes of the names of dimensions, as they are met; one check after another uses it. */
  readonly sizes: number[];
}

function planCheck({ inputs, batch }: Pick<ModelSignature, 'inputs' | 'batch'>): CheckPlan {
  const numbers = numberSymbols(inputs, batch);
  return {
    expected: inputs.map((tensor) => expect(tensor, numbers, batch)),
    sizes: new Array<number>(new Set(numbers.values()).size + (batch ? 1 : 0)).fill(-1),
  };
}

function fitsAll(given: unknown, { expected, sizes }: CheckPlan): given is TensorRecord {
  if (typeof given !== 'object' || given === null) return false;
  // Quicker than fill() for the few that there are.
  for (let at = 0; at < sizes.length; at += 1) sizes[at] = -1;
  for (let at = 0; at < expected.length; at += 1) {
    const one = expected[at] as Expected;
    if (!fitsOne((given as TensorRecord)[one.name], one, sizes)) return false;
  }
  return true;
}

/** With `batch`, 0 is the number of rows: names that stand at dimension 0 are names of it. */
function numberSymbols(inputs: readonly ModelTensor[], batch: boolean): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  if (batch) for (const { shape } of inputs) if (isName(shape[0])) numbers.set(shape[0], 0);
  let next = batch ? 1 : 0;
  for (const dim of inputs.flatMap(({ shape }) => shape)) {
    if (isName(dim) && !numbers.has(dim)) numbers.set(dim, next++);
  }
  return numbers;
}

const isName = (dim: number | string | undefined): dim is string => typeof dim === 'string' && dim !== '';

function expect(tensor: ModelTensor, numbers: ReadonlyMap<string, number>, batch: boolean): Expected {
  const { name, dtype, shape, anyShape } = tensor;
  const { array } = TENSOR_ELEMENTS[dtype];
  return {
    name,
    tensor,
    rank: anyShape ? -1 : shape.length,
    fixed: shape.map((dim) => (typeof dim === 'number' ? dim : -1)),
    symbols: shape.map((dim, axis) => {
      if (typeof dim === 'number') return -1;
      return batch && axis === 0 ? 0 : (numbers.get(dim) ?? -1);
    }),
    array: array?.name,
    prototype: array?.prototype as object | undefined,
  };
}

/** @param sizes by the number of a name; -1 until one is met */
function fitsOne(given: unknown, one: Expected, sizes: number[]): boolean {
  if (!isTensorLike(given)) return false;
  const { type, dims } = given;
  const { rank } = one;
  if (type !== one.tensor.dtype || (dims.length !== rank && rank !== -1)) return false;
  let length = 1;
  for (let axis = 0; axis < dims.length; axis += 1) {
    const size = dims[axis] as number;
    const fixed = rank === -1 ? -1 : (one.fixed[axis] as number);
    const symbol = rank === -1 ? -1 : (one.symbols[axis] as number);
    if (fixed !== -1 ? size !== fixed : !isSize(size)) return false;
    if (symbol !== -1) {
      if (sizes[symbol] === -1) sizes[symbol] = size;
      else if (sizes[symbol] !== size) return false;
    }
    length *= size;
  }
  const data = dataOf(given);
  if (data === undefined || data.length !== length) return false;
  return one.array === undefined ? Array.isArray(data) && data.every(isText) : isArrayOf(one, data);
}

const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;

/** onnxruntime cuts texts at NUL. */
const isText = (text: unknown): boolean => typeof text === 'string' && !text.includes('\0');

function isArrayOf({ array, prototype }: Expected, data: object): boolean {
  if (Object.getPrototypeOf(data) === prototype) return true;
  // By name, because of typed arrays of other realms.
  const name = (data as { [Symbol.toStringTag]?: string })[Symbol.toStringTag];
  return name === array || (name === 'Float16Array' && array === 'Uint16Array');
}

/** `undefined` when it is not in this process's memory, or was transferred or disposed of. */
function dataOf(tensor: object): TensorValue['data'] | undefined {
  const { location } = tensor as { location?: unknown };
  if (location !== 'cpu' && location !== 'cpu-pinned') return undefined;
  try {
    return (tensor as TensorValue).data;
  } catch {
    return undefined;
  }
}

function describeItem(where: string, item: number | undefined): string {
  return item === undefined ? where : `${where}, item ${item}`;
}

/** What is wrong, found again at leisure. */
function findFault(given: unknown, { expected, sizes }: CheckPlan, where: string): Error {
  const names = expected.map(({ name }) => `"${name}"`).join(', ');
  const all = `The inputs are ${names === '' ? 'none' : names}`;
  if (typeof given !== 'object' || given === null || isTensorLike(given)) {
    const what = `the inputs are ${describeType(given)}, not an object of tensors by name`;
    return tensorInvalid(where, what, all);
  }
  const record = given as Readonly<Record<string, unknown>>;
  const missing = expected.find(({ name }) => !Object.hasOwn(record, name) || record[name] === undefined);
  if (missing !== undefined) {
    const { name, tensor } = missing;
    const what = `the input is missing: ${describeTensor(tensor)} is expected`;
    return tensorInvalid(`${where}, input "${name}"`, what, all);
  }
  sizes.fill(-1);
  for (const one of expected) {
    const known = [...sizes];
    if (fitsOne(record[one.name], one, sizes)) continue;
    return describeFault(record[one.name], one, known, `${where}, input "${one.name}"`);
  }
  const unknown = Object.keys(record).find((name) => !expected.some((one) => one.name === name));
  return tensorInvalid(`${where}, input "${unknown}"`, 'the model has no such input', all);
}

/** @param known sizes of names as they were before this input was judged */
function describeFault(given: unknown, one: Expected, known: readonly number[], where: string): Error {
  const { dtype, shape } = one.tensor;
  const wanted = describeTensor(one.tensor);
  if (!isTensorLike(given)) {
    const hint = `Pass a Tensor of onnxruntime-common: new Tensor('${dtype}', data, dims)`;
    return tensorInvalid(where, `expected ${wanted}, received ${describeType(given)}`, hint);
  }
  const { type, dims } = given;
  const what = `expected ${wanted}, received ${describeTensor({ dtype: type, shape: dims })}`;
  if (type !== dtype) return tensorInvalid(where, what, `Make its elements ${dtype}`);
  if (one.rank !== -1 && dims.length !== one.rank)
    return tensorInvalid(where, what, `Give it ${one.rank} dimensions`);
  const axis = dims.findIndex((size, at) =>
    (one.fixed[at] ?? -1) === -1 ? !isSize(size) : size !== one.fixed[at],
  );
  if (axis !== -1) {
    const size = (one.fixed[axis] ?? -1) === -1 ? 'a whole number' : one.fixed[axis];
    return tensorInvalid(where, what, `Make dimension ${axis} ${size}`);
  }
  const other = one.symbols.findIndex((symbol, at) => {
    const earlier = one.symbols.indexOf(symbol);
    const size = known[symbol] === -1 ? dims[earlier] : known[symbol];
    return symbol !== -1 && size !== dims[at];
  });
  if (other !== -1) {
    const symbol = one.symbols[other] as number;
    const size = known[symbol] === -1 ? dims[one.symbols.indexOf(symbol)] : known[symbol];
    const name = shape[other] === '' ? 'the number of rows' : `"${shape[other]}"`;
    const hint = `Make dimension ${other} as large as ${name} is elsewhere in these inputs, ${size}`;
    return tensorInvalid(where, what, hint);
  }
  const data = dataOf(given);
  if (data === undefined) {
    const hint =
      'Download it first, and neither dispose of it nor transfer its memory before the run has ended';
    return tensorInvalid(where, `${what}, whose data is not in memory`, hint);
  }
  const length = dims.reduce((product, size) => product * size, 1);
  if (data.length !== length) {
    const hint = `Give it the ${length} elements of its shape`;
    return tensorInvalid(where, `${what} with ${data.length} elements`, hint);
  }
  if (one.array !== undefined) {
    return tensorInvalid(where, `${what} over ${describeType(data)}`, `Keep its elements in a ${one.array}`);
  }
  const at = (data as readonly unknown[]).findIndex((text) => !isText(text));
  const text: unknown = data[at];
  return typeof text === 'string'
    ? tensorInvalid(
        where,
        `${what} with a NUL in element ${at}, where onnxruntime would cut the text`,
        'Remove the NUL, or send the bytes as a uint8 tensor',
      )
    : tensorInvalid(
        where,
        `${what} whose element ${at} is ${describeType(text)}`,
        'Make every element a string',
      );
}
