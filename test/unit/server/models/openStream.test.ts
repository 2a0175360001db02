import { describe, expect, it } from 'vitest';
import { openStream } from '../../../../src/server/models/openStream';

async function* counting(failAt: number): AsyncGenerator<string> {
  for (let n = 1; n <= 3; n++) {
    await Promise.resolve();
    if (n === failAt) throw new Error('broken');
    yield String(n);
  }
}

const all = async (source: AsyncIterable<string>): Promise<string[]> => {
  const items: string[] = [];
  for await (const item of source) items.push(item);
  return items;
};

const text = (error: unknown): string => `error: ${(error as Error).message}`;

describe('openStream', () => {
  it('gives every item, and tells when the last was taken', async () => {
    const { body, ended } = openStream(counting(0), text);
    expect(await all(body)).toEqual(['1', '2', '3']);
    await ended;
  });

  it('gives one more item for the error with which the source breaks off', async () => {
    const { body, ended } = openStream(counting(2), text);
    expect(await all(body)).toEqual(['1', 'error: broken']);
    await ended;
  });

  it('asks a source that has broken off for nothing more', async () => {
    let asked = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error(`${(asked += 1)}`)) }),
    };
    expect(await all(openStream<string>(source, text).body)).toEqual(['error: 1']);
    expect(asked).toBe(1);
  });

  it('has ended when its reader leaves, also before the first item', async () => {
    for (const read of [0, 1]) {
      const source = counting(0);
      const { body, ended } = openStream(source, text);
      const reader = body[Symbol.asyncIterator]();
      for (let n = 0; n < read; n++) await reader.next();
      await reader.return?.();
      await ended;
      expect(await source.next()).toEqual({ done: true, value: undefined });
    }
  });
});
