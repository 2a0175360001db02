import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadModel, registerModel, type RegisteredModel } from 'runwright';
import { type DigitsInput, type DigitsOutput, DigitsRunner } from './digits.runner.js';
import { trainDigits } from './train.js';

/**
 * Registers the digits, loads them back from the registry and counts how many unseen digits it gets right.
 *
 * The known images travel twice, on purpose: as typed arrays of the model, by way of the default saver, and as artifacts,
 * one file a digit, so that whoever pulls the package can see what it was made of.
 */
export async function registerDigits(
  options: { registry?: string; cache?: string; known?: number; held?: number } = {},
): Promise<RegisteredModel & { accuracy: number; requests: number }> {
  const { registry, cache, known, held } = options;
  const { model, testRows } = trainDigits(known, held);
  const folder = await mkdtemp(join(tmpdir(), 'digits-'));
  try {
    for (let digit = 0; digit < 10; digit++) {
      const size = model.images.length / 10;
      await writeFile(join(folder, `${digit}.u8`), model.images.subarray(digit * size, (digit + 1) * size));
    }
    const registered = await registerModel({
      repositoryName: 'digits',
      modelNumber: null,
      runner: DigitsRunner,
      entry: new URL('./digits.runner.js', import.meta.url),
      modelInstance: model,
      artifacts: { [join(folder, '*')]: 'training/*' },
      registry,
    });
    const handle = await loadModel<DigitsInput, DigitsOutput>(registered.reference, { registry, cache });
    const outcomes = await handle.runMany(testRows.map(({ input }) => input));
    await handle.close();
    const right = outcomes.filter((outcome, at) => outcome.ok && outcome.value.digit === testRows[at]?.digit);
    return { ...registered, accuracy: right.length / testRows.length, requests: testRows.length };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  const registry =
    process.env['RUNWRIGHT_REGISTRY'] ?? fileURLToPath(new URL('../../demo/registry', import.meta.url));
  const { reference, digest, accuracy, requests } = await registerDigits({ registry });
  console.log(`${reference} ${digest}: ${(accuracy * 100).toFixed(1)} % of ${requests} unseen digits`);
}
