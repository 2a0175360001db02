import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * class-validator as the code of a package gets it: the same names and the same values, each file loaded when a name of it
 * is first asked for. A runner uses a handful of rules; the index loads all of them, and with that takes longer than
 * opening and running a package.
 *
 * Which file has which name is read from the files as TypeScript emits them. Where they look otherwise, this is the index.
 */
export function lazyClassValidator(): object {
  const index = require.resolve('class-validator');
  const files = new Map<string, string>();
  try {
    collectNames(index, files);
  } catch {
    files.clear();
  }
  if (!['IsNumber', 'ValidateNested', 'validate'].every((name) => files.has(name))) {
    return require('class-validator') as object;
  }
  const load = createRequire(index);
  const lazy = Object.defineProperty({}, '__esModule', { value: true });
  for (const [name, file] of files) {
    const get = (): unknown => (load(file) as Record<string, unknown>)[name];
    Object.defineProperty(lazy, name, { enumerable: true, get });
  }
  return lazy;
}

const NAMES = /^exports\.(\w+(?: = exports\.\w+)*) = void 0;$/gm;
const STARS = /^__exportStar\(require\("(\.[^"]+)"\), exports\);$/gm;

function collectNames(file: string, files: Map<string, string>): void {
  const source = readFileSync(file, 'utf8');
  for (const [, names = ''] of source.matchAll(NAMES)) {
    for (const name of names.split(' = exports.')) files.set(name, file);
  }
  for (const [, path = ''] of source.matchAll(STARS)) collectNames(join(dirname(file), `${path}.js`), files);
}
