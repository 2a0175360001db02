import { endianness } from 'node:os';

const PIECE = 1 << 20;

/**
 * The elements of `bytes` in little-endian order: `bytes` itself where the host is little-endian, otherwise swapped copies
 * of 1 MiB each, so that a large array is never copied whole.
 */
export function* toLittleEndian(bytes: Buffer, elementSize: number, host = endianness()): Generator<Buffer> {
  if (host === 'LE' || elementSize === 1) {
    yield bytes;
    return;
  }
  for (let start = 0; start < bytes.length; start += PIECE) {
    yield swapElements(Buffer.from(bytes.subarray(start, start + PIECE)), elementSize);
  }
}

/** Turns little-endian elements into the host's own order, in place. */
export function fromLittleEndian(bytes: Buffer, elementSize: number, host = endianness()): void {
  if (host === 'BE') swapElements(bytes, elementSize);
}

function swapElements(bytes: Buffer, elementSize: number): Buffer {
  if (elementSize === 2) return bytes.swap16();
  if (elementSize === 4) return bytes.swap32();
  if (elementSize === 8) return bytes.swap64();
  return bytes;
}
