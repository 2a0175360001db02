import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../src/execution/transport/FrameReader';
import type { Message, MessageKind, ReceivedMessage } from '../../../src/execution/transport/Message';
import { LARGE_BODY, measure, packFrames } from '../../../src/execution/transport/packFrames';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: LARGE_BODY - 1, max: 3 * LARGE_BODY }).map((size) => new Uint8Array(size).fill(size)),
);
const message: fc.Arbitrary<Message> = fc.record(
  {
    kind: fc.integer({ min: 1, max: 25 }).map((kind) => kind as MessageKind),
    id: fc.integer({ min: 0, max: 0xffff_ffff }),
    meta: fc.string({ unit: 'grapheme' }),
    body: fc.oneof(bytes, fc.string({ unit: 'grapheme', maxLength: 30 })),
    alignAt: fc.integer({ min: 0, max: 100 }),
  },
  { requiredKeys: ['kind', 'id'] },
);

function plainBody(body: Message['body']): Buffer {
  return Buffer.from((body ?? '') as string);
}

/** What arrives when the bytes come in pieces of these sizes, over and over. */
function receive(pieces: Iterable<Uint8Array>): ReceivedMessage[] {
  const received: ReceivedMessage[] = [];
  const reader = new FrameReader((one) => received.push(one));
  for (const piece of pieces) reader.push(piece);
  return received;
}

function* cut(whole: Buffer, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < whole.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    // Memory of its own for each piece, as sockets give it.
    yield new Uint8Array(whole.subarray(at, at + size));
    at += size;
  }
}

describe('frames', () => {
  it('arrive as they were sent, however they are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), sizes, (messages, pieces) => {
        const packed = packFrames(messages.map(measure));
        const whole = Buffer.concat(packed.map((segment) => segment.bytes));
        for (const received of [
          receive(cut(whole, pieces)),
          receive(packed.map((segment) => segment.bytes)),
        ]) {
          expect(received.map(({ kind, id, meta }) => ({ kind, id, meta }))).toEqual(
            messages.map(({ kind, id, meta = '' }) => ({ kind, id, meta })),
          );
          received.forEach(({ body }, index) => {
            const { body: sent, alignAt } = messages[index] as Message;
            expect(Buffer.compare(body, plainBody(sent))).toBe(0);
            if (alignAt !== undefined && body.length > 0) expect((body.byteOffset + alignAt) % 8).toBe(0);
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('give a large body that comes by itself without a copy', () => {
    const body = new Uint8Array(LARGE_BODY);
    const packed = packFrames([measure({ kind: 2, id: 1, body })]);
    const [received] = receive(packed.map((segment) => segment.bytes));
    expect(received?.body.buffer).toBe(body.buffer);
  });

  it('join small messages into one piece', () => {
    const small = measure({ kind: 2, id: 1, meta: '[]', body: 'x' });
    expect(packFrames(Array.from({ length: 50 }, () => small))).toHaveLength(1);
  });

  it('refuse what is no message, and what is longer than any', () => {
    expect(() => receive([Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n')])).toThrow(RangeError);
    const head = Buffer.concat([
      Buffer.from([0x52, 0x57, 2, 0xff, 1, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.alloc(4, 0xff),
    ]);
    expect(() => receive([head])).toThrow(RangeError);
    expect(() => measure({ kind: 2, id: 1, meta: 'x'.repeat(64 * 1024 * 1024 + 1) })).toThrow(RangeError);
  });
});
