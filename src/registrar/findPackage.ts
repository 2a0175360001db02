import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The real folder of an installed package, looked up from `from` as Node does. */
export function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}
