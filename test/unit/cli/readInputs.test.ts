import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputItem } from '../../../src/cli/predict/InputItem';
import { readInputs } from '../../../src/cli/predict/readInputs';
import { readLines, type TextLine } from '../../../src/cli/predict/readLines';

/** The bytes in chunks that end at `cuts`. */
async function* chunks(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    await Promise.resolve();
    if (cut > start) yield bytes.subarray(start, cut);
    start = cut;
  }
}

const lines = async (source: AsyncIterable<Uint8Array>, longest?: number): Promise<TextLine[]> => {
  const all: TextLine[] = [];
  for await (const group of readLines(source, longest)) all.push(...group);
  return all;
};

const read = async (
  text: string,
  cuts: readonly number[] = [],
): Promise<InputItem[] | { document: InputItem }> => {
  const inputs = await readInputs(chunks(Buffer.from(text), cuts));
  if (inputs.kind === 'document') return { document: inputs.item };
  const items: InputItem[] = [];
  for await (const group of inputs.groups) items.push(...group);
  return items;
};

const good = (line: number, value: unknown): unknown => ({ ok: true, line, value });
const bad = (line: number, text = ''): unknown => ({
  ok: false,
  line,
  error: expect.objectContaining({
    code: 'RW_INPUT_INVALID',
    message: expect.stringContaining(text) as string,
  }) as unknown,
});

describe('readLines', () => {
  it('gives the same lines however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\ufeff]/g, ''))),
        fc.array(fc.nat()),
        async (texts, cuts) => {
          const expected = texts.flatMap((text, at) =>
            text.trim() === '' ? [] : [{ number: at + 1, text }],
          );
          expect(await lines(chunks(Buffer.from(texts.join('\n')), cuts))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('tells of a line that is too long or not UTF-8, and goes on', async () => {
    const bytes = Buffer.concat([Buffer.from('12345678901\n'), Buffer.of(0xff, 0x0a), Buffer.from('ok\n')]);
    expect(await lines(chunks(bytes, [3, 7]), 10)).toEqual([
      { number: 1, text: { fault: expect.stringContaining('10 bytes') as string } },
      { number: 2, text: { fault: 'is not UTF-8' } },
      { number: 3, text: 'ok' },
    ]);
  });
});

describe('readInputs', () => {
  it('JSON Lines, with blank lines, carriage returns and a byte order mark', async () => {
    expect(await read('\ufeff{"a":1}\r\n\r\n[2]\n"x"\nnull')).toEqual([
      good(1, { a: 1 }),
      good(3, [2]),
      good(4, 'x'),
      good(5, null),
    ]);
    expect(await read('')).toEqual([]);
  });

  it('bad lines have their numbers, and do not echo what they hold', async () => {
    const items = await read('{"a":1}\nsecret words\n{"a":\n');
    expect(items).toEqual([good(1, { a: 1 }), bad(2, 'not JSON'), bad(3)]);
    expect(JSON.stringify(items)).not.toContain('secret');
    expect(await read('{\'a\': 1}\n{"a":2}')).toEqual([bad(1), good(2, { a: 2 })]);
  });

  it.each<[string, unknown]>([
    ['{\n  "a": "[\\n\\"",\n  "b": 1\n}', { a: '[\n"', b: 1 }],
    ['[\n1\n]\n', [1]],
    ['  {"a":\n{}}', { a: {} }],
    ['[{"a":1},\n{"a":2}]', [{ a: 1 }, { a: 2 }]],
  ])('the document %j is one value', async (text, value) => {
    expect(await read(text)).toEqual({ document: good(1, value) });
  });

  it('a document is read however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { minLength: 1 }),
        fc.array(fc.nat()),
        async (value, cuts) => {
          const found = await read(JSON.stringify(value, null, 1), cuts);
          expect(JSON.stringify(found)).toBe(JSON.stringify({ document: good(1, value) }));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('one fault for a broken document, one for each line of JSON Lines', async () => {
    expect(await read('{\n  "a": 1,\n')).toEqual({ document: bad(1) });
    expect(await read('{"a":\n{"a":2}\n')).toEqual([bad(1), good(2, { a: 2 })]);
    expect(await read('{"a":')).toEqual([bad(1)]);
  });

  it('a long string that does not end is read in one pass', async () => {
    expect(await read(`["${'\\"'.repeat(100_000)}`)).toEqual([bad(1)]);
    expect(await read(`["${'x'.repeat(5_000_000)}"`)).toEqual([bad(1)]);
  });

  it('gives the first line before the second has come', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('1\n');
      await new Promise(() => undefined);
    }
    const inputs = await readInputs(endless());
    if (inputs.kind !== 'lines') throw new Error('a document');
    expect((await inputs.groups[Symbol.asyncIterator]().next()).value).toEqual([good(1, 1)]);
  });
});
