import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { path } from './path.mjs';

/**
 * Registers a runner of bench/serve/runners, so that every execution mode serves the same package.
 *
 * @param folder gets the registry, and the files
 * @param file of the runner, such as `mlp.runner.ts`
 * @param files name to bytes: what travels with the runner; at least one
 * @returns `{ registry, reference }`
 */
export function registerRunner(folder, file, files = { 'model.txt': 'nothing to learn' }) {
  const registry = join(folder, 'registry');
  const artifacts = Object.entries(files).flatMap(([name, content]) => {
    const local = join(folder, 'files', file, name);
    mkdirSync(dirname(local), { recursive: true });
    writeFileSync(local, content);
    return ['--artifact', `${local}=${name}`];
  });
  const repository = file.slice(0, file.indexOf('.')).toLowerCase();
  const entry = path(`bench/serve/runners/${file}`);
  const args = [
    'register',
    entry,
    '--repository',
    repository,
    '--registry',
    registry,
    '--json',
    ...artifacts,
  ];
  const answer = execFileSync(process.execPath, [path('dist/cli/main.js'), ...args], { encoding: 'utf8' });
  return { registry, reference: JSON.parse(answer).reference };
}
