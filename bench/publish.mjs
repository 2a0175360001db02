// Publishing a 1 GB artifact to the local registry beside `cp` of the same file followed by `sha256sum`, its peak memory,
// and what a second registration after an edit of the code writes.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './support/median.mjs';
import { publishEntry } from './support/publishEntry.mjs';
import { withFolder } from './support/withFolder.mjs';
import { writeLargeFile } from './support/writeLargeFile.mjs';

const SIZE = 1_000_000_000;
const ROUNDS = 5;

export default function bench() {
  return withFolder(async (folder) => {
    const file = join(folder, 'weights.bin');
    writeLargeFile(file, SIZE);
    const ratios = [];
    const memory = [];
    const details = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const copy = timeShell(`cp "$1" "$2" && sha256sum "$2"`, file, join(folder, 'copy.bin'));
      rmSync(join(folder, 'copy.bin'));
      const registry = join(folder, 'registry');
      const { milliseconds, peak } = publishEntry(folder, registry, file, 1);
      if (round < ROUNDS - 1) rmSync(registry, { recursive: true, force: true });
      ratios.push(milliseconds / copy);
      memory.push(peak);
      details.push(`${milliseconds.toFixed(0)}/${copy.toFixed(0)}`);
    }
    const before = sizeOf(join(folder, 'registry'));
    publishEntry(folder, join(folder, 'registry'), file, 2);
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

function timeShell(script, ...args) {
  const start = performance.now();
  const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - start;
}

function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
