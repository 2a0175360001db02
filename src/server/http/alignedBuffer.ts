/**
 * An ArrayBuffer's worth of bytes that can be given away, with what follows the first `header` of them at an address
 * divisible by 8: typed arrays of any kind can be laid over it.
 */
export function alignedBuffer(length: number, header: number): Buffer {
  const shift = (8 - (header % 8)) % 8;
  // Not from the pool: its address is anywhere, and others share its ArrayBuffer.
  const memory = Buffer.allocUnsafeSlow(length + shift);
  return memory.subarray(shift);
}
