import { RunwrightError } from '../../errors/RunwrightError';
import { toFloat16Bits } from '../../schema/float16';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import { makeTensor } from '../../schema/makeTensor';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import type { CaseInput } from './CaseInput';

/** How the values of one tensor are spread over their range. */
export type Pattern = 'random' | 'zero' | 'least' | 'largest' | 'alternating';

type Range = readonly [min: number, max: number];

const DEFAULT_RANGES: Readonly<Record<Exclude<TensorType, 'string'>, Range>> = {
  float16: [-1, 1],
  float32: [-1, 1],
  float64: [-1, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  // Wider ones would be no ids of the small vocabularies that such inputs are for.
  int16: [0, 9],
  uint16: [0, 9],
  int32: [0, 9],
  uint32: [0, 9],
  int64: [0, 9],
  uint64: [0, 9],
  bool: [0, 1],
};

/** Beyond it the widest elements make more bytes than one frame of the side-car takes. */
const MOST_ELEMENTS = 2 ** 28 - 1;

/** @throws RunwrightError RW_OPTION_INVALID for strings, which cannot be made up, and for more elements than can be sent */
export function generateTensor(
  { name, dtype, range }: CaseInput,
  dims: readonly number[],
  pattern: Pattern,
  random: () => number,
): TensorRecord[string] {
  const Elements = TENSOR_ELEMENTS[dtype].array;
  if (dtype === 'string' || Elements === undefined) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `input "${name}"`,
      what: 'it is of strings, which torch has no tensors of',
      hint: 'Turn text into numbers in `preprocess`',
    });
  }
  const limits = range ?? DEFAULT_RANGES[dtype];
  const isWhole = !dtype.startsWith('float');
  const count = dims.reduce((product, size) => product * size, 1);
  if (count > MOST_ELEMENTS) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `input "${name}"`,
      what: `a tensor of [${dims.join(', ')}] has ${count} elements, more than can be generated (${MOST_ELEMENTS})`,
      hint: 'Give a smaller fixed size in its `shape`',
    });
  }
  const data = new Elements(count);
  for (let at = 0; at < data.length; at += 1) {
    const value = valueOf(pattern, limits, isWhole, at, random);
    data[at] = dtype.endsWith('int64') ? BigInt(value) : dtype === 'float16' ? toFloat16Bits(value) : value;
  }
  return makeTensor(dtype, data, dims);
}

function valueOf(
  pattern: Pattern,
  [min, max]: Range,
  isWhole: boolean,
  at: number,
  random: () => number,
): number {
  switch (pattern) {
    case 'random':
      return isWhole ? min + Math.floor(random() * (max - min + 1)) : min + random() * (max - min);
    case 'zero':
      return Math.min(max, Math.max(min, 0));
    case 'least':
      return min;
    case 'largest':
      return max;
    case 'alternating':
      return at % 2 === 0 ? min : max;
  }
}
