import type { FileHandle } from 'node:fs/promises';
import { bufferOf } from '../../artifact/bufferOf';

/** The bytes of a tar, read at any position, so that entries that are only looked at cost nothing. */
export interface TarInput {
  /** For messages: a path, or what the bytes are. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Up to `length` bytes from `position` on; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
}

export function tarInputOfBytes(name: string, bytes: Uint8Array): TarInput {
  const view = bufferOf(bytes);
  return {
    name,
    size: view.length,
    read: (position, length) => Promise.resolve(view.subarray(position, position + length)),
  };
}

export async function tarInputOfFile(name: string, handle: FileHandle): Promise<TarInput> {
  const { size } = await handle.stat();
  return {
    name,
    size,
    read: async (position, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    },
  };
}
