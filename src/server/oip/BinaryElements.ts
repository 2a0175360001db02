import { toLittleEndian } from '../../models/value/byteOrder';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { OutputTensor } from './stackRows';

const PREFIX = 4;

/** A tensor of an answer as raw bytes: little-endian, row-major, without gaps. */
export class BinaryElements {
  readonly byteLength: number;
  private readonly pieces: readonly Uint8Array[];
  private readonly elementSize: number;

  constructor({ spec, parts }: OutputTensor) {
    const { bytes } = TENSOR_ELEMENTS[spec.dtype];
    const isBytes = bytes === 0;
    this.elementSize = isBytes ? 1 : bytes;
    this.pieces = isBytes
      ? parts.flatMap((part) => Array.from(part as Iterable<string | Uint8Array>, toElement).flat())
      : parts.map((part) => viewOf(part as Uint8Array));
    this.byteLength = this.pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  }

  /** The only copy of an output on its way from the runner to the socket. */
  copyTo(target: Buffer, start: number): void {
    let offset = start;
    for (const piece of this.pieces) {
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      for (const ordered of toLittleEndian(bytes, this.elementSize)) {
        target.set(ordered, offset);
        offset += ordered.byteLength;
      }
    }
  }
}

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function toElement(value: string | Uint8Array): Uint8Array[] {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const length = Buffer.alloc(PREFIX);
  length.writeUInt32LE(bytes.byteLength);
  return [length, bytes];
}
