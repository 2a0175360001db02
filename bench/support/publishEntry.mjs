import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { path } from './path.mjs';

/**
 * Registers a runner with large files, in a process of its own.
 *
 * @param folder gets the entry
 * @param files path of a file, or of a folder's files with `/*`
 * @param version of the code
 * @returns milliseconds of packing and publishing, and the peak memory
 */
export function publishEntry(folder, registry, files, version) {
  const entry = join(folder, 'big.runner.mjs');
  writeFileSync(
    entry,
    `import { Load, Predict, Runner, Unvalidated } from 'runwright';
     export class Big { load() { return ${version}; } predict(model) { return model; } }
     const decorate = (decorator, name) => decorator(Big.prototype, name, Object.getOwnPropertyDescriptor(Big.prototype, name));
     decorate(Load(), 'load'); decorate(Predict({ input: Unvalidated, output: Unvalidated }), 'predict'); Runner('big')(Big);`,
  );
  const script = path('bench/support/publishBig.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, registry, entry, files], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
