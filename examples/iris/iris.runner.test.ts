import { rm } from 'node:fs/promises';
import { createTestRunner } from 'runwright/testing';
import { expect, onTestFinished, test } from 'vitest';
import { type IrisInput, type IrisOutput, IrisRunner } from './iris.runner.js';
import { trainIris } from './train.js';

const flower: IrisInput = { sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 };

test('the measurements reach the forest in the order of its training data', async () => {
  const runner = createTestRunner(IrisRunner);
  expect(await runner.preprocess(flower)).toEqual([5.1, 3.5, 1.4, 0.2]);
});

test('a flower with a missing or a negative measurement is refused', async () => {
  const runner = createTestRunner(IrisRunner);
  await expect(
    runner.preprocess({ ...flower, petalWidth: undefined, petalLength: -1 }),
  ).rejects.toMatchObject({
    code: 'RW_INPUT_INVALID',
    issues: expect.arrayContaining([
      expect.objectContaining({ path: 'petalLength' }),
      expect.objectContaining({ path: 'petalWidth' }),
    ]) as unknown,
  });
});

test('the confidence is the share of the trees that voted for the answer', async () => {
  const runner = createTestRunner(IrisRunner);
  expect(await runner.postprocess([2, 1, 2, 2])).toEqual({ species: 'virginica', confidence: 0.75 });
});

test('a fake forest is enough to test the way from input to output', async () => {
  const forest = { predictionValues: () => ({ getRow: () => [0, 0, 1] }) };
  const runner = createTestRunner(IrisRunner, { model: forest });
  expect(await runner.run(flower)).toEqual({ species: 'setosa', confidence: 2 / 3 });
  expect(runner.records.map(({ stage }) => stage)).toEqual(['preprocess', 'predict', 'postprocess']);
});

test('training gives the same forest and the same rows every time', () => {
  expect(JSON.stringify(trainIris())).toBe(JSON.stringify(trainIris()));
});

test('a forest that was saved and loaded knows most flowers that it has not seen', async () => {
  const { model, testRows } = trainIris();
  const { directory, props } = await createTestRunner(IrisRunner).save(model);
  onTestFinished(() => rm(directory, { recursive: true }));

  const runner = createTestRunner<IrisInput, IrisOutput>(IrisRunner, { directory, props });
  const outcomes = await runner.runMany(testRows.map(({ input }) => input));
  const right = outcomes.filter(
    (outcome, row) => outcome.ok && outcome.value.species === testRows[row]?.species,
  );
  expect(testRows).toHaveLength(45);
  expect(right.length / testRows.length).toBeGreaterThanOrEqual(0.9);
});
