// Publishing a 1 GB artifact to the local registry beside `cp` of the same file followed by `sha256sum`, its peak memory,
// and what a second registration after an edit of the code writes.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { median } from './support/median.mjs';
import { path } from './support/path.mjs';
import { withFolder } from './support/withFolder.mjs';

const SIZE = 1_000_000_000;
const ROUNDS = 5;

export default function bench() {
  return withFolder(async (folder) => {
    const file = join(folder, 'weights.bin');
    writeLargeFile(file);
    const ratios = [];
    const memory = [];
    const details = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const copy = timeShell(`cp "$1" "$2" && sha256sum "$2"`, file, join(folder, 'copy.bin'));
      rmSync(join(folder, 'copy.bin'));
      const registry = join(folder, 'registry');
      const { milliseconds, peak } = publish(folder, registry, file, 1);
      if (round < ROUNDS - 1) rmSync(registry, { recursive: true, force: true });
      ratios.push(milliseconds / copy);
      memory.push(peak);
      details.push(`${milliseconds.toFixed(0)}/${copy.toFixed(0)}`);
    }
    const before = sizeOf(join(folder, 'registry'));
    publish(folder, join(folder, 'registry'), file, 2);
    const written = sizeOf(join(folder, 'registry')) - before;
    return [
      {
        figure: 'publish 1 GB over cp + sha256sum',
        value: median(ratios),
        limit: 1.25,
        unit: 'times',
        detail: `ms: ${details.join(' ')}`,
      },
      {
        figure: 'peak RSS of publishing 1 GB',
        value: Math.max(...memory) / 1e6,
        limit: 200,
        unit: 'MB',
        detail: 'whole process, registration included',
      },
      {
        figure: 'bytes added by a second registration',
        value: written / 1e6,
        limit: 1,
        unit: 'MB',
        detail: 'after an edit of the code, same artifact',
      },
    ];
  });
}

function writeLargeFile(file) {
  const descriptor = openSync(file, 'w');
  const block = randomBytes(10_000_000);
  for (let written = 0; written < SIZE; written += block.length) {
    block.writeUInt32LE(written / block.length, 0);
    writeSync(descriptor, block);
  }
  closeSync(descriptor);
}

function timeShell(script, ...args) {
  const start = performance.now();
  const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}

function publish(folder, registry, file, version) {
  const entry = join(folder, 'big.runner.mjs');
  writeFileSync(
    entry,
    `import { Load, Predict, Runner, Unvalidated } from 'runwright';
     export class Big { load() { return ${version}; } predict(model) { return model; } }
     const decorate = (decorator, name) => decorator(Big.prototype, name, Object.getOwnPropertyDescriptor(Big.prototype, name));
     decorate(Load(), 'load'); decorate(Predict({ input: Unvalidated, output: Unvalidated }), 'predict'); Runner('big')(Big);`,
  );
  const script = path('bench/support/publishBig.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, registry, entry, file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
