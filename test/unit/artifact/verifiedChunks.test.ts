import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/artifact/digestOf';
import { ANNOTATIONS } from '../../../src/artifact/mediaTypes';
import { verifiedChunks } from '../../../src/artifact/verifiedChunks';

const describeBytes = (bytes: Uint8Array) => ({
  mediaType: 'x',
  digest: digestOf(bytes),
  size: bytes.byteLength,
  annotations: { [ANNOTATIONS.filepath]: 'model/weights.bin' },
});

async function collect(chunks: readonly Uint8Array[], expected: Uint8Array): Promise<Buffer> {
  const given: Buffer[] = [];
  for await (const chunk of verifiedChunks(Readable.from(chunks), describeBytes(expected), 'iris:1')) {
    given.push(chunk);
  }
  return Buffer.concat(given);
}

describe('verifiedChunks', () => {
  it('gives the bytes, however they are cut', async () => {
    const nonEmpty = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(nonEmpty), async (chunks) => {
        const whole = Buffer.concat(chunks);
        expect(await collect(chunks, whole)).toEqual(whole);
      }),
    );
  });

  it.each([
    ['weighty', 'its bytes have another sha256'],
    ['weigh', 'it has 5 bytes, not 7'],
    ['weights and more', 'it has more bytes than 7'],
  ])('refuses %s for weights', async (text, what) => {
    const bytes = Buffer.from('weights');
    await expect(collect([Buffer.from(text)], bytes)).rejects.toMatchObject({
      code: 'RW_PACKAGE_CORRUPT',
      where: `iris:1, model/weights.bin (${digestOf(bytes)})`,
      what,
      hint: expect.stringContaining('register the model again'),
    });
  });

  it('does not read on when there are more bytes than there can be', async () => {
    let taken = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          taken += 1;
          yield Buffer.from('weights');
        }
      })(),
      { highWaterMark: 1 },
    );
    const reading = verifiedChunks(endless, describeBytes(Buffer.from('weights')), 'iris:1');
    expect((await reading.next()).done).toBe(false);
    await expect(reading.next()).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
    expect(taken).toBeLessThan(10);
    expect(endless.destroyed).toBe(true);
  });
});
