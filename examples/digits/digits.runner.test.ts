import { rm } from 'node:fs/promises';
import { createTestRunner } from 'runwright/testing';
import { expect, onTestFinished, test } from 'vitest';
import {
  type DigitsInput,
  type DigitsModel,
  type DigitsOutput,
  DigitsRunner,
  PIXELS,
} from './digits.runner.js';
import { trainDigits } from './train.js';

/** Three images of paper that are ones, two of ink that are sevens. */
const model: DigitsModel = {
  images: new Uint8Array(5 * PIXELS).fill(255, 3 * PIXELS),
  labels: Uint8Array.of(1, 1, 1, 7, 7),
  neighbours: 3,
};

const flat = (pixel: number): DigitsInput => ({ pixels: Array.from({ length: PIXELS }, () => pixel) });

test('the nearest neighbours vote', async () => {
  const runner = createTestRunner(DigitsRunner, { model });
  expect(await runner.run(flat(0))).toEqual({
    digit: 1,
    confidence: 1,
    votes: [0, 3, 0, 0, 0, 0, 0, 0, 0, 0],
  });
  expect(await runner.run(flat(1))).toEqual({
    digit: 7,
    confidence: 2 / 3,
    votes: [0, 1, 0, 0, 0, 0, 0, 2, 0, 0],
  });
});

test.each([
  ['an image that is too small', { pixels: [0, 1] }],
  ['pixels beyond ink', flat(255)],
  ['pixels that are text', { pixels: flat(0).pixels.map(String) }],
  ['no image', {}],
])('%s is refused', async (_, input) => {
  const runner = createTestRunner(DigitsRunner, { model });
  await expect(runner.run(input)).rejects.toMatchObject({ code: 'RW_INPUT_INVALID' });
});

test('a model that was saved and loaded reads at least nine of ten digits that it has not seen', async () => {
  const { model: trained, testRows } = trainDigits(300, 10);
  const { directory, props } = await createTestRunner(DigitsRunner).save(trained);
  onTestFinished(() => rm(directory, { recursive: true }));

  const runner = createTestRunner<DigitsInput, DigitsOutput>(DigitsRunner, { directory, props });
  const outcomes = await runner.runMany(testRows.map(({ input }) => input));
  const right = outcomes.filter((outcome, row) => outcome.ok && outcome.value.digit === testRows[row]?.digit);
  expect(testRows).toHaveLength(100);
  expect(right.length / testRows.length).toBeGreaterThanOrEqual(0.9);
});
