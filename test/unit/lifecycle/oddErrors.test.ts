import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { Dispose } from '../../../src/decorators/Dispose';
import { Load } from '../../../src/decorators/Load';
import { Predict } from '../../../src/decorators/Predict';
import { Preprocess } from '../../../src/decorators/Preprocess';
import { Runner } from '../../../src/decorators/Runner';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { createRunner } from '../../../src/lifecycle/createRunner';
import { isError } from '../../../src/lifecycle/isError';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { oddErrors } from '../oddErrors';

type Place = 'constructor' | 'load' | 'preprocess' | 'predict' | 'dispose';

let place: Place;
let make: () => unknown;
const failAt = (here: Place): void => {
  if (here === place) throw make();
};

@Runner()
class Odd {
  constructor() {
    failAt('constructor');
  }
  @Load() load() {
    failAt('load');
  }
  @Preprocess({ input: Unvalidated }) prepare(data: unknown) {
    failAt('preprocess');
    return data;
  }
  @Predict({ output: Unvalidated }) predict() {
    failAt('predict');
  }
  @Dispose() dispose() {
    failAt('dispose');
  }
}

@Runner()
class OddBatch {
  @Predict({ input: Unvalidated, output: Unvalidated, batch: { maxSize: 4 } })
  predict(_model: unknown, inputs: readonly unknown[]) {
    return inputs.map((input) => (input === 'odd' ? make() : input));
  }
}

@Runner()
class Waits {
  @Predict({ input: Unvalidated, output: Unvalidated }) predict() {
    return new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return RunwrightError.is(error) ? error.code : 'not ours';
  }
}

describe.each(oddErrors)('an error that has %s', (_, odd) => {
  const codes = [expect.stringMatching(/^RW_(STAGE_FAILED|INPUT_INVALID)$/)];

  it.each(['constructor', 'load'] as const)('fails the loading, of the %s', async (where) => {
    [place, make] = [where, odd];
    expect(await codeOf(createRunner(Odd))).toBe('RW_STAGE_FAILED');
  });

  it.each(['preprocess', 'predict'] as const)('fails its call, of %s', async (where) => {
    [place, make] = [where, odd];
    const handle = await createRunner(Odd);
    expect([await codeOf(handle.run(1))]).toEqual(codes);
    const outcomes = await handle.runMany([1, 2]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, false]);
    await handle.close();
  });

  it('fails the closing, of dispose', async () => {
    [place, make] = ['dispose', odd];
    const handle = await createRunner(Odd);
    expect(await codeOf(handle.close())).toBe('RW_STAGE_FAILED');
  });

  it('may be why a caller has left', async () => {
    const controller = new AbortController();
    const handle = await createRunner(Waits);
    const work = codeOf(handle.run(1, { signal: controller.signal }));
    controller.abort(odd());
    expect(await work).toBe('RW_ABORTED');
    await handle.close();
  });
});

it.each(oddErrors.filter(([, odd]) => isError(odd())))(
  'an error that has %s fails its item alone, among the outputs of a batch',
  async (_, odd) => {
    make = odd;
    const handle = await createRunner(OddBatch);
    const outcomes = await handle.runMany([1, 'odd', 3]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    await handle.close();
  },
);
