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
    bodyBytes: body === undefined ? 0 : lengthOf(body),
  };
  refuseTooLong(measured);
  return measured;
}

/**
 * Messages as the bytes of their frames: small ones together in one piece, large bodies as they are.
 *
 * @param joinParts whether a large body that is text, or has several parts, is copied into one piece
 */
export function packFrames(messages: readonly MeasuredMessage[], joinParts: boolean): Segment[] {
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
    if (large) segments.push(...largeBody(large, joinParts));
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
    copyBody(body, packed, at);
    at += bodyBytes;
  }
  return packed;
}

function largeBody({ message, bodyBytes }: MeasuredMessage, joinParts: boolean): Segment[] {
  const { body = '', owned = false } = message;
  if (typeof body === 'string') return [{ bytes: Buffer.from(body), owned: true }];
  if (body instanceof Uint8Array) return [{ bytes: body, owned }];
  if (!joinParts) return body.map((bytes) => ({ bytes, owned }));
  const joined = Buffer.allocUnsafeSlow(bodyBytes);
  copyBody(body, joined, 0);
  return [{ bytes: joined, owned: true }];
}

function copyBody(body: NonNullable<Message['body']>, target: Buffer, at: number): void {
  if (typeof body === 'string') {
    target.write(body, at);
  } else if (body instanceof Uint8Array) {
    target.set(body, at);
  } else {
    for (const part of body) {
      target.set(part, at);
      at += part.byteLength;
    }
  }
}

function lengthOf(body: NonNullable<Message['body']>): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  return body.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
