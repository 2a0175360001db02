import type { MessageKind } from './Message';

/**
 * The head of a frame, little-endian: uint16 mark, uint8 kind, uint8 alignment, uint32 id, uint32 length of the meta, uint32
 * length of the body. The meta, UTF-8, and the body follow.
 */
export const HEAD_BYTES = 16;

const MARK = 0x5752;
const NO_ALIGNMENT = 0xff;
const LONGEST_META = 64 * 1024 * 1024;
const LONGEST_BODY = 0x7fff_ffff;

export interface FrameHead {
  readonly kind: MessageKind;
  readonly id: number;
  readonly metaBytes: number;
  readonly bodyBytes: number;
  /** Which byte of the body lies on a multiple of 8, modulo 8. */
  readonly alignAt: number | undefined;
}

export function writeHead(
  target: Buffer,
  at: number,
  { kind, id, metaBytes, bodyBytes, alignAt }: FrameHead,
): void {
  target.writeUInt16LE(MARK, at);
  target[at + 2] = kind;
  target[at + 3] = alignAt === undefined ? NO_ALIGNMENT : alignAt % 8;
  target.writeUInt32LE(id, at + 4);
  target.writeUInt32LE(metaBytes, at + 8);
  target.writeUInt32LE(bodyBytes, at + 12);
}

/** @throws RangeError for bytes that are not a frame: something else has written to the worker's channel */
export function readHead(source: Buffer, at: number): FrameHead {
  const alignment = source[at + 3] ?? NO_ALIGNMENT;
  const head: FrameHead = {
    kind: source[at + 2] as MessageKind,
    id: source.readUInt32LE(at + 4),
    metaBytes: source.readUInt32LE(at + 8),
    bodyBytes: source.readUInt32LE(at + 12),
    alignAt: alignment === NO_ALIGNMENT ? undefined : alignment,
  };
  if (source.readUInt16LE(at) !== MARK) throw new RangeError('what arrived is not a message of a worker');
  refuseTooLong(head);
  return head;
}

/** @throws RangeError when a message is longer than any that is sent */
export function refuseTooLong({ metaBytes, bodyBytes }: Pick<FrameHead, 'metaBytes' | 'bodyBytes'>): void {
  if (metaBytes > LONGEST_META || bodyBytes > LONGEST_BODY)
    throw new RangeError(`a message of ${metaBytes + bodyBytes} bytes is longer than workers exchange`);
}
