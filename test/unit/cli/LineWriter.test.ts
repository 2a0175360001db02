import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineWriter } from '../../../src/cli/predict/LineWriter';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('writes everything in order, the first line at once, the others together', async () => {
  const written: string[] = [];
  const writer = new LineWriter(async (text) => {
    written.push(text);
    await turn();
  });
  const first = writer.write('1\n');
  expect(written).toEqual(['1\n']);
  await Promise.all([first, writer.write('2\n'), writer.write('3\n')]);
  await writer.end();
  expect(written).toEqual(['1\n', '2\n3\n']);

  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.string(), fc.boolean())), async (lines) => {
      written.length = 0;
      for (const [text, waits] of lines) {
        await writer.write(text);
        if (waits) await turn();
      }
      await writer.end();
      expect(written.join('')).toBe(lines.map(([text]) => text).join(''));
    }),
    { numRuns: 50 },
  );
});

it('makes the writer wait for a slow reader', async () => {
  let release: () => void = () => undefined;
  const writer = new LineWriter(() => new Promise((resolve) => (release = resolve)));
  await writer.write('x');
  let taken = false;
  const more = writer.write('y'.repeat(100_000)).then(() => (taken = true));
  await turn();
  expect(taken).toBe(false);
  release();
  await turn();
  release();
  await more;
});

it('a failure is told by the next write, and by the end', async () => {
  const writer = new LineWriter(() => Promise.reject(new Error('full')));
  await writer.write('x').catch(() => undefined);
  await turn();
  await expect(writer.write('y')).rejects.toThrow('full');
  await expect(writer.end()).rejects.toThrow('full');
});
