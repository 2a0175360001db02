import type { IssueList } from '../../schema/IssueList';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import { readBinaryTensor } from './readBinaryTensor';
import type { InputTensor } from './readInputs';
import type { TensorSide } from './tensorSignature';
import type { TensorSpec } from './TensorSpec';

/**
 * A body without any JSON: it is the runner's only input, in one item, or in several where the declared shape leaves nothing but
 * their number free. BYTES are one element, without its length.
 */
export function decodeRawInput(
  body: Buffer,
  { tensors }: TensorSide,
  batch: boolean,
  issues: IssueList,
): InputTensor | undefined {
  const [spec, ...others] = tensors;
  if (spec === undefined || others.length > 0) {
    const message =
      'must begin with JSON: only a runner with exactly one input takes a body of nothing but a tensor';
    return void issues.add([], 'header', message, body);
  }
  const raw = spec.dtype === 'string' ? withLength(body) : body;
  const { bytes: size } = TENSOR_ELEMENTS[spec.dtype];
  const dims = inferDims(spec, size === 0 ? 1 : body.byteLength / size, batch);
  if (dims === undefined) {
    const message = `must have a size from which its shape can be told, as in [${spec.shape.join(', ')}] (${spec.datatype})`;
    return void issues.add([], 'shape', message, body);
  }
  const count = dims.reduce((product, dimension) => product * dimension, 1);
  const data = readBinaryTensor(raw, count, spec, [], issues);
  return data && { spec, dims, data, path: [] };
}

function inferDims({ shape }: TensorSpec, count: number, batch: boolean): number[] | undefined {
  const free = shape.filter((size) => size === -1).length;
  // Two free dimensions, one of them the batch's: one item, whose size tells the other.
  const single = batch && free === 2;
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const open = count / known;
  if (free > (single ? 2 : 1) || !Number.isSafeInteger(open) || (free === 0 && open !== 1)) return undefined;
  return shape.map((size, axis) => (size !== -1 ? size : single && axis === 0 ? 1 : open));
}

function withLength(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.byteLength);
  return Buffer.concat([length, body]);
}
