import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCodeOf } from '../errors/errorCodeOf';

/** The version of the copy of a package that this Runwright itself loads; `undefined` when it is not installed. */
export function installedVersion(name: string): string | undefined {
  const main = resolveMain(name);
  if (main === undefined) return undefined;
  for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
    const found = readPackageJson(join(folder, 'package.json'));
    if (found?.name === name) return found.version;
  }
  return undefined;
}

function resolveMain(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch (error) {
    if (errorCodeOf(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function readPackageJson(file: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined;
  }
}
