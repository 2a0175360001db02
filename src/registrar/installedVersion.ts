import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of the copy of a package that this Runwright itself loads. */
export function installedVersion(name: string): string | undefined {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    const found = readPackageJson(join(folder, 'package.json'));
    if (found?.name === name) return found.version;
  }
  return undefined;
}

function readPackageJson(file: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
