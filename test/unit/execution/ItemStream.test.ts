import { expect, it } from 'vitest';
import { FIRST_CREDIT, ItemStream } from '../../../src/execution/pool/ItemStream';

const item = (value: number): Uint8Array => Uint8Array.of(value);

function open(): { stream: ItemStream; granted: number[]; left: () => number } {
  const granted: number[] = [];
  let left = 0;
  const stream = new ItemStream(
    (items) => granted.push(items),
    () => (left += 1),
  );
  return { stream, granted, left: () => left };
}

async function drain(stream: ItemStream): Promise<number[]> {
  const values: number[] = [];
  for await (const [value = -1] of stream) values.push(value);
  return values;
}

it('gives what came before the end, and then ends', async () => {
  const { stream, left } = open();
  const drained = drain(stream);
  stream.push(item(1));
  await Promise.resolve();
  stream.push(item(2));
  stream.end();
  expect(await drained).toEqual([1, 2]);
  expect(left()).toBe(0);
});

it('gives what came before a fault, and then the fault, once', async () => {
  const { stream } = open();
  stream.push(item(1));
  stream.fail(new Error('gone'));
  stream.end();
  expect(await stream.next()).toMatchObject({ done: false });
  await expect(stream.next()).rejects.toThrow('gone');
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

it('lets the worker send more as items are taken, and never more than fit', async () => {
  const { stream, granted } = open();
  let credit = FIRST_CREDIT;
  for (let round = 0; round < 100; round += 1) {
    for (; credit > 0; credit -= 1) stream.push(item(round));
    await stream.next();
    credit += granted.splice(0).reduce((sum, more) => sum + more, 0);
    expect(credit).toBeLessThanOrEqual(FIRST_CREDIT);
  }
});

it('tells the worker once when its consumer leaves, and not when it has ended', async () => {
  const { stream, left } = open();
  stream.push(item(1));
  for await (const value of stream) {
    expect(value).toEqual(item(1));
    break;
  }
  await stream.return();
  expect(left()).toBe(1);
  const ended = open();
  ended.stream.end();
  await ended.stream.return();
  expect(ended.left()).toBe(0);
});
