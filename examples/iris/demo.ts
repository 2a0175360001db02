import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { registerModel } from 'runwright';
import { confusionTable } from './confusionTable.js';
import { type IrisInput, type IrisOutput, IrisRunner, SPECIES } from './iris.runner.js';
import { trainIris } from './train.js';

/** Trains, registers, serves in another process, asks every test row over HTTP, and leaves nothing running. */

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (text: string): void => void (flags.json ? process.stderr : process.stdout).write(`${text}\n`);

// The clone's own folders, so that the demo touches nothing of the user's; run it twice and there is a second number.
const root = fileURLToPath(new URL('../../..', import.meta.url));
const registry = process.env['RUNWRIGHT_REGISTRY'] ?? join(root, 'build/demo/registry');
const cache = process.env['RUNWRIGHT_CACHE'] ?? join(root, 'build/demo/cache');

say('Training a random forest on 105 irises ...');
const { model, testRows } = trainIris();

say('Registering it ...');
const registered = await registerModel({
  repositoryName: 'iris',
  modelNumber: null,
  runner: IrisRunner,
  entry: new URL('./iris.runner.js', import.meta.url),
  modelInstance: model,
  registry,
});
say(`  ${registered.reference}  ${registered.digest}`);

say('Starting a server that loads the newest number from the registry, in a process of its own ...');
const server = spawn(
  process.execPath,
  [join(root, 'dist/cli/main.js'), 'serve', 'iris', '--registry', registry, '--port', '0', '--json'],
  { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, RUNWRIGHT_CACHE: cache } },
);
const exited = once(server, 'exit');
try {
  const url = await listening();
  say(`  ${url}\n\nAsking it for the ${testRows.length} irises that the forest has not seen:\n`);
  const answers: { expected: string; predicted: string }[] = [];
  let errors = 0;
  for (const { input, species } of testRows) {
    const { status, body } = await ask(url, input);
    if (status === 200) answers.push({ expected: species, predicted: (body as IrisOutput).species });
    else errors += 1;
  }
  const right = answers.filter(({ expected, predicted }) => expected === predicted).length;
  const accuracy = right / testRows.length;
  say(confusionTable(SPECIES, answers));
  say(`\naccuracy ${accuracy.toFixed(3)} (${right} of ${testRows.length}), ${errors} errors\n`);

  const bad = { ...testRows[0]?.input, petalWidth: 'wide' };
  const { status, body } = await ask(url, bad);
  say(`A bad request, petalWidth "wide", is answered ${status}:\n${JSON.stringify(body, null, 2)}`);

  const { number, digest, reference } = registered;
  const result = { accuracy, requests: testRows.length, errors, number, digest, reference };
  await stop();
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await stop();
}

async function listening(): Promise<string> {
  for await (const line of createInterface({ input: server.stdout }))
    return (JSON.parse(line) as { url: string }).url;
  throw new Error('the server ended before it listened');
}

async function ask(
  url: string,
  input: Partial<IrisInput> | object,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: await response.json() };
}

async function stop(): Promise<void> {
  server.kill('SIGTERM');
  await exited;
}
