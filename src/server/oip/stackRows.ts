import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import { isTensorValue } from '../../schema/isTensorValue';
import type { TensorData } from './TensorData';
import type { Carried, TensorSpec } from './TensorSpec';

/** One tensor of an answer; its elements are the parts, one after another. */
export interface OutputTensor {
  readonly spec: TensorSpec;
  readonly dims: readonly number[];
  readonly parts: readonly TensorData[];
}

/** The values of one output, one of each row, and where to report what is wrong with them. */
export interface OutputColumn {
  readonly spec: TensorSpec;
  readonly values: readonly unknown[];
  readonly batch: boolean;
  readonly pathOf: (row: number) => readonly PathSegment[];
  readonly issues: IssueList;
}

/**
 * The values of all rows as one tensor. No element is copied where the rows are tensors.
 *
 * @returns `undefined`, with an issue, for rows of different shapes and for values that the type does not hold
 */
export function stackRows(column: OutputColumn): OutputTensor | undefined {
  return column.spec.carries.kind === 'tensor' ? stackTensors(column) : stackPlain(column);
}

function stackTensors({ spec, values, batch, pathOf, issues }: OutputColumn): OutputTensor | undefined {
  let itemDims: readonly number[] | undefined;
  const parts: TensorData[] = [];
  for (const [row, value] of values.entries()) {
    if (!isTensorValue(value) || value.type !== spec.dtype) {
      return void issues.add(pathOf(row), 'oip', `must be a tensor of ${spec.dtype}`, value);
    }
    itemDims ??= value.dims;
    if (!sameDims(itemDims, value.dims)) {
      return void issues.add(pathOf(row), 'shape', differs(itemDims, value.dims), value);
    }
    parts.push(value.data);
  }
  // No row has said what the free dimensions are.
  itemDims ??= spec.shape.slice(batch ? 1 : 0).map((size) => (size === -1 ? 0 : size));
  return { spec, dims: batch ? [values.length, ...itemDims] : itemDims, parts };
}

function stackPlain({ spec, values, batch, pathOf, issues }: OutputColumn): OutputTensor | undefined {
  const { kind, array } = spec.carries as Exclude<Carried, { kind: 'tensor' }>;
  const [first] = values;
  const length = array ? (isArray(first) ? first.length : 0) : 1;
  const flat: unknown[] = [];
  for (const [row, value] of values.entries()) {
    const items = array ? value : [value];
    if (!isArray(items)) {
      return void issues.add(pathOf(row), 'oip', 'must be an array, as every row must have one', value);
    }
    if (items.length !== length) {
      return void issues.add(pathOf(row), 'shape', differs([length], [items.length]), value);
    }
    for (const item of items) {
      if (!HOLDS[kind](item)) {
        return void issues.add(pathOf(row), 'oip', `must be what ${spec.datatype} holds`, item);
      }
      flat.push(item);
    }
  }
  const itemDims = array ? [length] : [];
  return {
    spec,
    dims: batch ? [values.length, ...itemDims] : array ? itemDims : [1],
    parts: [ELEMENTS[kind](flat)],
  };
}

type Kind = Exclude<Carried['kind'], 'tensor'>;

const HOLDS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number',
  integer: (value) =>
    Number.isInteger(value) && (value as number) >= -(2 ** 63) && (value as number) < 2 ** 63,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  bytes: (value) => value instanceof Uint8Array,
};

const ELEMENTS: Readonly<Record<Kind, (values: readonly unknown[]) => TensorData>> = {
  number: (values) => Float64Array.from(values as readonly number[]),
  integer: (values) => BigInt64Array.from(values as readonly number[], BigInt),
  string: (values) => values as readonly string[],
  boolean: (values) => Uint8Array.from(values as readonly boolean[], Number),
  bytes: (values) => values as readonly Uint8Array[],
};

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function sameDims(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((size, axis) => size === other[axis]);
}

function differs(first: readonly number[], here: readonly number[]): string {
  return `must have the shape [${first.join(', ')}] of the first row, as rows are one tensor, and has [${here.join(', ')}]`;
}
