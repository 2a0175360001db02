import { makeTensor } from '../../schema/makeTensor';
import { TENSOR_ELEMENTS, type TensorArray } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import type { TensorRecord } from '../tensor/TensorModel';

/** As python/sidecar.py has it: a mark, the lengths of header and body as uint32, little-endian; then both. */
export const PREFIX_BYTES = 12;
const MARK = 'RWT1';
const LONGEST_HEADER = 16 * 1024 * 1024;
export const LONGEST_BODY = 0x7fff_ffff;

/** Name, dtype and dims of each tensor of a body, in their order; each begins at a multiple of 8. */
export type TensorList = readonly (readonly [name: string, dtype: string, dims: readonly number[]])[];

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** A call as it is sent, its tensors copied. @throws RangeError when it is longer than a frame may be */
export function encodeFrame(header: Readonly<Record<string, unknown>>, tensors: TensorRecord = {}): Buffer {
  const list = Object.entries(tensors);
  const text = JSON.stringify({
    ...header,
    tensors: list.map(([name, { type, dims }]) => [name, type, dims]),
  });
  const bytes = list.map(([, { data }]) => bytesOf(data as TensorArray));
  const headerBytes = Buffer.byteLength(text);
  const bodyBytes = bytes.reduce((sum, { length }) => sum + padded(length), 0);
  if (bodyBytes > LONGEST_BODY) {
    throw new RangeError(`the inputs have ${bodyBytes} bytes, more than one run takes (${LONGEST_BODY})`);
  }
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + headerBytes + bodyBytes);
  frame.write(MARK, 0, 'latin1');
  frame.writeUInt32LE(headerBytes, 4);
  frame.writeUInt32LE(bodyBytes, 8);
  frame.write(text, PREFIX_BYTES);
  let at = PREFIX_BYTES + headerBytes;
  for (const piece of bytes) {
    frame.set(piece, at);
    frame.fill(0, at + piece.length, at + padded(piece.length));
    at += padded(piece.length);
  }
  return frame;
}

const bytesOf = (array: TensorArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export interface FramePrefix {
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

/** @throws RangeError for bytes that are no frame */
export function readPrefix(bytes: Buffer): FramePrefix {
  const headerBytes = bytes.readUInt32LE(4);
  const bodyBytes = bytes.readUInt32LE(8);
  if (bytes.toString('latin1', 0, 4) !== MARK || headerBytes > LONGEST_HEADER || bodyBytes > LONGEST_BODY) {
    throw new RangeError('what arrived is not an answer of the side-car');
  }
  return { headerBytes, bodyBytes };
}

/** Tensors over the memory of the body. @throws RangeError when the body is shorter than the list says */
export function readTensors(list: TensorList, body: Uint8Array): TensorRecord {
  const tensors: Record<string, TensorRecord[string]> = {};
  let at = 0;
  for (const [name, dtype, dims] of list) {
    const { array: Elements, bytes } = TENSOR_ELEMENTS[dtype as TensorType];
    if (Elements === undefined) throw new RangeError(`the side-car gave tensors of ${dtype}`);
    const count = dims.reduce((product, size) => product * size, 1);
    const data = new Elements(body.buffer, body.byteOffset + at, count);
    tensors[name] = makeTensor(dtype as TensorType, data, dims);
    at += padded(count * bytes);
  }
  if (at > body.length) throw new RangeError('the side-car gave fewer bytes than it announced');
  return tensors;
}

/** The body in memory of its own, which begins at a multiple of 8. */
export function ownBody(body: Buffer): Uint8Array {
  const slack = body.buffer.byteLength - body.length;
  // A frame that came in many pieces was joined into memory of its own already.
  if (body.length > 65_536 && slack < 65_536 && body.byteOffset % 8 === 0) return body;
  return new Uint8Array(body);
}
