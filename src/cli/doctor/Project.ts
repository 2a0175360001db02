import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRecord } from '../../artifact/isRecord';

/** The project that the working directory is in. */
export interface Project {
  /** Absolute path of the folder of its package.json; the working directory where there is none. */
  readonly directory: string;
  readonly name: string | undefined;
  /** Name to range, of dependencies of every kind. */
  readonly dependencies: Readonly<Record<string, string>>;
}

export function findProject(from: string): Project {
  for (let directory = from; ; directory = dirname(directory)) {
    const found = readJson(join(directory, 'package.json'));
    if (found !== undefined) {
      const kinds = ['peerDependencies', 'optionalDependencies', 'devDependencies', 'dependencies'];
      const dependencies = Object.assign({}, ...kinds.map((kind) => found[kind])) as Record<string, string>;
      return { directory, name: typeof found['name'] === 'string' ? found['name'] : undefined, dependencies };
    }
    if (directory === dirname(directory)) return { directory: from, name: undefined, dependencies: {} };
  }
}

/** A JSON object in a file; `undefined` when there is none. */
export function readJson(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The version in the package.json of a folder. */
export function versionIn(directory: string): string | undefined {
  const version = readJson(join(directory, 'package.json'))?.['version'];
  return typeof version === 'string' ? version : undefined;
}
