import { checkOptions } from '../errors/checkOptions';
import { RunwrightError } from '../errors/RunwrightError';
import { deepFreeze } from '../metadata/deepFreeze';
import { fieldRuleDecorator } from './fieldRuleDecorator';
import { TENSOR_ELEMENTS } from './tensorElements';
import type { TensorType } from './TensorType';

export interface TensorOptions {
  /** Type of the elements. */
  dtype: TensorType;
  /** Size of each dimension of one item; -1 is a free one, `[]` a scalar. */
  shape: readonly number[];
}

const MAX_DIMENSIONS = 32;

/**
 * A property that holds a tensor: in the stages, onnxruntime-common's `Tensor`.
 *
 * Taken, beside a `Tensor` of that type and shape: nested arrays, as JSON has them, whose elements fit the type (booleans
 * for `bool`; integers, bigints or decimal text for `int64` and `uint64`; no NaN and no infinities); and a typed array of the
 * kind that the type is kept in, where at most one dimension is free. A `Tensor` and a typed array are not copied.
 *
 * @throws RunwrightError RW_OPTION_INVALID for another dtype or shape
 *
 * @example
 * class Image {
 *   @IsTensor({ dtype: 'float32', shape: [3, 224, 224] }) pixels!: Tensor;
 *   @IsOptional() @IsTensor({ dtype: 'int64', shape: [-1] }) labels?: Tensor;
 * }
 */
export function IsTensor(options: TensorOptions): ReturnType<typeof fieldRuleDecorator> {
  checkOptions<TensorOptions>('@IsTensor()', options, { dtype: 'string', shape: 'any' });
  const { dtype, shape } = options;
  if (!Object.hasOwn(TENSOR_ELEMENTS, dtype ?? '')) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: '@IsTensor(), option `dtype`',
      what: 'it is not a type of tensors',
      hint: `Pass one of ${Object.keys(TENSOR_ELEMENTS).join(', ')}`,
    });
  }
  if (!Array.isArray(shape) || shape.length > MAX_DIMENSIONS || !shape.every(isDimension)) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: '@IsTensor(), option `shape`',
      what: `it is not an array of at most ${MAX_DIMENSIONS} sizes`,
      hint: 'Pass positive integers, -1 for a free dimension, or [] for a scalar',
    });
  }
  return fieldRuleDecorator(
    'isTensor',
    deepFreeze({ kind: 'tensor', dtype, shape: [...(shape as readonly number[])] }),
  );
}

function isDimension(size: unknown): boolean {
  return size === -1 || (Number.isSafeInteger(size) && (size as number) > 0);
}
