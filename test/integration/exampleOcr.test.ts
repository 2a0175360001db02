import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServedExample } from './ServedExample';

interface Line {
  readonly text: string;
  readonly confidence: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const TEXTS = [
  'Harbour Coffee',
  '14 Mill Lane, Bristol',
  '2 Flat white',
  '6.80',
  '1 Carrot cake',
  '4.25',
  '1 Mineral water',
  '2.10',
  'TOTAL',
  '13.15',
  'Invoice 2024-0917',
  'Thank you!',
];

let example: ServedExample;
let receipt: Buffer;
beforeAll(async () => {
  receipt = await readFile(join(__dirname, '../../examples/ocr/receipt.png'));
  // npm fetches sharp for the package that is loaded.
  example = await ServedExample.start('ocr');
}, 300_000);
afterAll(() => example.stop());

const image = (bytes: Uint8Array, type = 'image/png'): Blob => new Blob([new Uint8Array(bytes)], { type });

describe('examples/ocr', () => {
  it('registers, loads itself back and prints the text of its sample', () => {
    const [reference, ...lines] = example.printed.trim().split('\n');
    expect(reference).toMatch(/^default\/ocr:1 sha256:\w+$/);
    expect(lines.map((line) => line.split('  ').at(-1))).toEqual(TEXTS);
  });

  it('reads an upload, and says where each line is', async () => {
    const response = await example.ask({ image: image(receipt) });
    expect(response.status).toBe(200);
    const lines = (await response.json()) as Line[];
    expect(lines.map(({ text }) => text)).toEqual(TEXTS);
    for (const { confidence, left, top, width, height } of lines) {
      expect(confidence).toBeGreaterThan(0.9);
      expect(left + width).toBeLessThanOrEqual(640);
      expect(top + height).toBeLessThanOrEqual(360);
    }
    // Amounts stand to the right of what they are for.
    const [item, amount] = [lines[2], lines[3]];
    expect(amount?.left).toBeGreaterThan((item?.left ?? 0) + (item?.width ?? 0));
  });

  it('reads a JPEG as it reads a PNG', async () => {
    const jpeg = await sharp(receipt).jpeg().toBuffer();
    const response = await example.ask({ image: image(jpeg, 'image/jpeg') });
    const texts = ((await response.json()) as Line[]).map(({ text }) => text);
    expect(TEXTS.filter((text) => texts.includes(text)).length).toBeGreaterThanOrEqual(11);
  });

  it.each([
    ['what is no image', () => image(Buffer.from('hello')), 'image'],
    ['an image of another type', () => image(Buffer.from('GIF89a'), 'image/gif'), 'isFile'],
  ])('refuses %s', async (_, file, constraint) => {
    const response = await example.ask({ image: file() });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'RW_INPUT_INVALID',
      issues: [{ path: 'image', constraint }],
    });
  });
});
