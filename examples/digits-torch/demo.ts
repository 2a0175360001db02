import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DigitsInput, DigitsOutput } from './digits.js';
import { registerDigits } from './register.js';
import { serve } from './serve.js';
import { trainDigits } from './train.js';

/** Trains in torch, registers, serves in another process without Python, and asks for every test digit over HTTP. */

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (text: string): void => void (flags.json ? process.stderr : process.stdout).write(`${text}\n`);

// The clone's own folders, so that the demo touches nothing of the user's; run it twice and there is a second number.
const root = fileURLToPath(new URL('../../..', import.meta.url));
const registry = process.env['RUNWRIGHT_REGISTRY'] ?? join(root, 'build/demo/registry');
const cache = process.env['RUNWRIGHT_CACHE'] ?? join(root, 'build/demo/cache');
const folder = await mkdtemp(join(tmpdir(), 'digits-torch-'));

try {
  say('Training a small convolutional network on 8000 handwritten digits ...');
  const { file, test, torch } = await trainDigits(folder, (line) => say(`  ${line}`));

  say('Registering it: exported to ONNX, and compared with torch ...');
  const { number, digest, reference } = await registerDigits(file, registry);
  say(`  ${reference}  ${digest}`);

  say('Starting a server that loads it from the registry, in a process of its own, without Python ...');
  const server = await serve('digits-torch', registry, cache);
  try {
    say(`  ${server.url}\n\nAsking it for the ${test.length} digits that the network has not seen:\n`);
    const predictions: (number | undefined)[] = [];
    for (const { input } of test) predictions.push(await ask(server.url, input));
    const right = test.filter(({ digit }, at) => predictions[at] === digit).length;
    const same = predictions.filter((digit, at) => digit === torch.predictions[at]).length;
    const errors = predictions.filter((digit) => digit === undefined).length;
    const accuracy = right / test.length;
    say(`accuracy of torch itself      ${torch.accuracy}`);
    say(`accuracy through Runwright    ${accuracy}`);
    say(`the same digit as torch for   ${same} of ${test.length}, ${errors} errors`);
    const requests = test.length;
    const result = {
      accuracy,
      torchAccuracy: torch.accuracy,
      same,
      requests,
      errors,
      number,
      digest,
      reference,
    };
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    if (accuracy !== torch.accuracy || same !== requests) process.exitCode = 1;
  } finally {
    await server.stop();
  }
} finally {
  await rm(folder, { recursive: true });
}

/** @returns the digit; `undefined` for an answer that is none */
async function ask(url: string, input: DigitsInput): Promise<number | undefined> {
  const response = await fetch(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const body: unknown = await response.json();
  return response.status === 200 ? (body as DigitsOutput).digit : undefined;
}
