import { expect, it } from 'vitest';
import { FrameReader } from '../../../src/execution/transport/FrameReader';
import type { ReceivedMessage } from '../../../src/execution/transport/Message';
import { measure, packFrames } from '../../../src/execution/transport/packFrames';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { fromWireAnswer, toWireAnswer } from '../../../src/execution/wire/WireAnswer';
import type { ExchangeAnswer } from '../../../src/server/exchange/ExchangeAnswer';

const BINARY = 'application/octet-stream';

function pass(answer: ExchangeAnswer): { received: ExchangeAnswer; owned: readonly boolean[] } {
  const messages: ReceivedMessage[] = [];
  const reader = new FrameReader((message) => messages.push(message));
  const segments = packFrames([measure(toWireAnswer(7, answer))]);
  for (const { bytes } of segments) reader.push(bytes);
  const [{ meta, body }] = messages as [ReceivedMessage];
  return { received: fromWireAnswer({ meta, body }), owned: segments.map((segment) => segment.owned) };
}

it('moves tensors without a copy, and copies bytes that may be the runner’s own', () => {
  const body = Buffer.allocUnsafeSlow(100_003);
  const tensors = pass({ status: 200, contentType: BINARY, headerLength: 101, body });
  expect(tensors.owned).toEqual([true, true]);
  expect((tensors.received.body as Uint8Array).buffer).toBe(body.buffer);
  expect(tensors.received.headerLength).toBe(101);
  expect(pass({ status: 200, contentType: BINARY, body }).owned).toEqual([true, false]);
});

it('takes along why it failed, and nothing where it did not', () => {
  const failure = new RunwrightError('RW_STAGE_FAILED', {
    what: 'broken',
    hint: '',
    cause: new Error('why'),
  });
  const answer = { status: 500, contentType: 'application/json', body: '{}' };
  const { received } = pass({ ...answer, failure });
  expect(received).toMatchObject({
    ...answer,
    failure: { code: 'RW_STAGE_FAILED', cause: { message: 'why' } },
  });
  expect(pass(answer).received).toEqual(answer);
});
