import { isUtf8 } from 'node:buffer';
import { fromLittleEndian } from '../../models/value/byteOrder';
import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { TensorData } from './TensorData';
import type { TensorSpec } from './TensorSpec';

const PREFIX = 4;

/**
 * The elements of raw tensor bytes: a typed array over them without a copy where their address allows it, otherwise over a copy.
 * `undefined` with an issue when they are not `count` elements.
 *
 * @param bytes belong to the caller of this alone: on a big-endian host they are swapped in place
 * @param path of the tensor
 */
export function readBinaryTensor(
  bytes: Buffer,
  count: number,
  spec: TensorSpec,
  path: readonly PathSegment[],
  issues: IssueList,
): TensorData | undefined {
  const { array: ElementArray, bytes: size } = TENSOR_ELEMENTS[spec.dtype];
  if (ElementArray === undefined) return readBytes(bytes, count, spec, path, issues);
  if (bytes.byteLength !== count * size) {
    const message = `must have ${count * size} bytes (${count} of ${spec.datatype}), and has ${bytes.byteLength}`;
    return void issues.add(path, 'binary_data_size', message, bytes);
  }
  if (spec.dtype === 'bool' && bytes.some((byte) => byte > 1)) {
    return void issues.add(path, 'data', 'must have bytes of 0 and 1 alone (BOOL)', bytes);
  }
  fromLittleEndian(bytes, size);
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset % size === 0) return new ElementArray(buffer, byteOffset, count);
  return new ElementArray(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** Each element is its length, a little-endian uint32, and its bytes. */
function readBytes(
  bytes: Buffer,
  count: number,
  { carries }: TensorSpec,
  path: readonly PathSegment[],
  issues: IssueList,
): readonly string[] | readonly Buffer[] | undefined {
  const elements: Buffer[] = [];
  let offset = 0;
  while (offset + PREFIX <= bytes.byteLength && elements.length < count) {
    const end = offset + PREFIX + bytes.readUInt32LE(offset);
    if (end > bytes.byteLength) {
      const message = `element ${elements.length} must end within the tensor: its length goes beyond`;
      return void issues.add(path, 'binary_data_size', message, bytes);
    }
    elements.push(bytes.subarray(offset + PREFIX, end));
    offset = end;
  }
  if (elements.length !== count || offset !== bytes.byteLength) {
    const rest = bytes.byteLength - offset;
    const message = `must have ${count} elements (BYTES), and has ${elements.length} and ${rest} more bytes`;
    return void issues.add(path, 'binary_data_size', message, bytes);
  }
  if (carries.kind === 'bytes') return elements;
  const bad = elements.findIndex((element) => !isUtf8(element));
  if (bad === -1) return elements.map((element) => element.toString());
  return void issues.add(path, 'data', `element ${bad} must be text in UTF-8`, bytes);
}
