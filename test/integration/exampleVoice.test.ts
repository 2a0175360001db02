import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServedExample } from './ServedExample';

/** A line of the stream. */
interface Item {
  readonly item: { readonly start: number; readonly end: number; readonly confidence: number };
}

const HEADER = 44;

let example: ServedExample;
/** Two sentences in 3.5 seconds. */
let speech: Buffer;
beforeAll(async () => {
  speech = await readFile(join(__dirname, '../../examples/voice/speech.wav'));
  example = await ServedExample.start('voice');
});
afterAll(() => example.stop());

const wav = (bytes: Uint8Array): Blob => new Blob([new Uint8Array(bytes)], { type: 'audio/wav' });
const parse = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
/** The sample many times in a row. The size in its header is 0: until the end of the file. */
const repeated = (times: number): Blob => {
  const header = Buffer.from(speech.subarray(0, HEADER));
  header.writeUInt32LE(0, 40);
  return wav(Buffer.concat([header, ...Array.from({ length: times }, () => speech.subarray(HEADER))]));
};

describe('examples/voice', () => {
  it('registers, loads itself back and prints the speech in its sample', () => {
    expect(example.printed).toMatch(
      /^default\/voice:1 sha256:\w+\n0\.\d+ s to 1\.\d+ s, confidence .*\n[12]\.\d+ s to 3\.\d+ s, confidence .*\n$/,
    );
  });

  it('streams the segments of an upload as JSON lines', async () => {
    const response = await example.ask({ audio: wav(speech) });
    expect(response.status).toBe(200);
    const [{ item: first }, { item: second }, ...rest] = parse(await response.text()) as [Item, Item];
    expect(Math.abs(first.start - 0.5)).toBeLessThan(0.25);
    expect(Math.abs(first.end - 1.27)).toBeLessThan(0.25);
    expect(Math.abs(second.start - 2.07)).toBeLessThan(0.25);
    expect(Math.abs(second.end - 3.02)).toBeLessThan(0.25);
    expect(rest).toEqual([{ end: { items: 2 } }]);
  });

  it('streams them as server-sent events', async () => {
    const response = await example.ask({ audio: wav(speech) }, { accept: 'text/event-stream' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect((await response.text()).match(/^data: \{"start".*\}$/gm)).toHaveLength(2);
  });

  it('takes a threshold beside the file', async () => {
    const response = await example.ask({ audio: wav(speech), threshold: '0.95' });
    const [{ item }] = parse(await response.text()) as [Item];
    expect(item.confidence).toBeGreaterThan(0.9);
    const wrong = await example.ask({ audio: wav(speech), threshold: '5' });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ issues: [{ path: 'threshold', constraint: 'max' }] });
  });

  it('answers many at once as it answers one', async () => {
    const alone = await (await example.ask({ audio: wav(speech) })).text();
    const together = await Promise.all([1, 2, 3, 4].map(() => example.ask({ audio: wav(speech) })));
    expect(await Promise.all(together.map((response) => response.text()))).toEqual([
      alone,
      alone,
      alone,
      alone,
    ]);
  });

  it('gives the first segment long before it has heard the last, and goes on when the caller leaves', async () => {
    const response = await example.ask({ audio: repeated(100) });
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    const lines = parse(Buffer.from(value ?? []).toString());
    expect(lines.length).toBeLessThan(50);
    expect(lines[0]).toMatchObject({ item: { start: expect.closeTo(0.6, 0) as number } });
    await reader?.cancel();
    expect((await example.ask({ audio: wav(speech) })).status).toBe(200);
  });

  it.each([
    ['a file that is no WAV', () => wav(Buffer.from('hello')), 'wav'],
    ['a file of another type', () => new Blob(['hello'], { type: 'audio/mpeg' }), 'isFile'],
    ['a text', () => 'hello', 'isFile'],
  ])('refuses %s', async (_, audio, constraint) => {
    const response = await example.ask({ audio: audio() });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'RW_INPUT_INVALID',
      issues: [{ path: 'audio', constraint }],
    });
  });
});
