import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { PortChannel } from '../../../src/execution/transport/PortChannel';
import type { ReceivedMessage } from '../../../src/execution/transport/Message';

function connect(): {
  here: PortChannel;
  received: ReceivedMessage[];
  arrives: (count: number) => Promise<void>;
} {
  const { port1, port2 } = new MessageChannel();
  const here = new PortChannel(port1);
  const there = new PortChannel(port2);
  onTestFinished(() => here.close());
  const received: ReceivedMessage[] = [];
  there.listen({ onMessage: (message) => received.push(message), onEnd: () => undefined });
  const arrives = async (count: number): Promise<void> => {
    while (received.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { here, received, arrives };
}

it('moves a large body that is given away, and leaves every other memory alone', async () => {
  const { here, received, arrives } = connect();
  const given = new Uint8Array(100_000).fill(1);
  const kept = new Uint8Array(100_000).fill(2);
  const pooled = Buffer.from('small');
  const part = new Uint8Array(new ArrayBuffer(1_000_000), 8, 100_000).fill(3);
  here.send({ kind: 2, id: 1, body: given, owned: true });
  here.send({ kind: 2, id: 2, body: kept });
  here.send({ kind: 2, id: 3, body: pooled, owned: true });
  here.send({ kind: 2, id: 4, body: part, owned: true });
  await arrives(4);
  expect(received.map(({ body }) => [body.length, body[0]])).toEqual([
    [100_000, 1],
    [100_000, 2],
    [5, 's'.charCodeAt(0)],
    [100_000, 3],
  ]);
  expect(given.byteLength).toBe(0);
  expect([kept.byteLength, pooled.toString(), part.byteLength]).toEqual([100_000, 'small', 100_000]);
  // A part of some memory does not drag all of it along.
  expect(received[3]?.body.buffer.byteLength).toBeLessThan(200_000);
});

it('keeps the alignment of a body that it moves', async () => {
  const { here, received, arrives } = connect();
  const body = new Uint8Array(new ArrayBuffer(80_003), 3, 80_000);
  here.send({ kind: 2, id: 1, body, alignAt: 5, owned: true });
  await arrives(1);
  expect(((received[0]?.body.byteOffset ?? 0) + 5) % 8).toBe(0);
});
