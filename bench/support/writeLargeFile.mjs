import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** Bytes that do not compress, and no block of which is there twice. @param size a multiple of 10 MB */
export function writeLargeFile(file, size) {
  const descriptor = openSync(file, 'w');
  const block = randomBytes(10_000_000);
  for (let written = 0; written < size; written += block.length) {
    block.writeUInt32LE(written / block.length, 0);
    writeSync(descriptor, block);
  }
  closeSync(descriptor);
}
