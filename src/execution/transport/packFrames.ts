import { HEAD_BYTES, refuseTooLong, writeHead } from './frame';
import type { Message } from './Message';

/** A message with its lengths, which were looked at when it was sent: one that is too long fails there. */
export interface MeasuredMessage {
  readonly message: Message;
  readonly metaBytes: number;
  readonly bodyBytes: number;
}

/** A piece of what is written; `owned` memory may be moved to another thread. */
export interface Segment {
  readonly bytes: Uint8Array;
  readonly owned: boolean;
}

/** Bytes from which a body is a piece of its own instead of being copied beside its neighbours. */
export const LARGE_BODY = 4096;

/** @throws RangeError when it is too long */
export function measure(message: Message): MeasuredMessage {
  const { meta, body } = message;
  const measured = {
    message,
    metaBytes: meta === undefined ? 0 : Buffer.byteLength(meta),
    bodyBytes: body === undefined ? 0 : Buffer.byteLength(body),
  };
  refuseTooLong(measured);
  return measured;
}

/** Messages as the bytes of their frames: small ones together in one piece, large bodies as they are. */
export function packFrames(messages: readonly MeasuredMessage[]): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  while (from < messages.length) {
    let end = from;
    let bytes = 0;
    let large: MeasuredMessage | undefined;
    while (end < messages.length && large === undefined) {
      const next = messages[end++] as MeasuredMessage;
      bytes += HEAD_BYTES + next.metaBytes;
      if (next.bodyBytes < LARGE_BODY) bytes += next.bodyBytes;
      else large = next;
    }
    segments.push({ bytes: packSmall(messages, from, end, bytes), owned: true });
    if (large) segments.push(largeBody(large));
    from = end;
  }
  return segments;
}

function packSmall(messages: readonly MeasuredMessage[], from: number, end: number, bytes: number): Buffer {
  // Not out of the pool: its memory cannot be moved to another thread.
  const packed = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (let index = from; index < end; index += 1) {
    const { message, metaBytes, bodyBytes } = messages[index] as MeasuredMessage;
    const { kind, id, meta, body, alignAt } = message;
    writeHead(packed, at, { kind, id, metaBytes, bodyBytes, alignAt });
    at += HEAD_BYTES;
    if (meta !== undefined) packed.write(meta, at);
    at += metaBytes;
    if (body === undefined || bodyBytes >= LARGE_BODY) continue;
    if (typeof body === 'string') packed.write(body, at);
    else packed.set(body, at);
    at += bodyBytes;
  }
  return packed;
}

function largeBody({ message: { body = '', owned = false } }: MeasuredMessage): Segment {
  return typeof body === 'string' ? { bytes: Buffer.from(body), owned: true } : { bytes: body, owned };
}
