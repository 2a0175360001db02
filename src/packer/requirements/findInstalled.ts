import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface InstalledPackage {
  readonly version: string;
  /** It is a folder of the project itself that is linked into `node_modules`. */
  readonly linked: boolean;
}

/**
 * The package that `import name` finds from a folder. Looks at the folders themselves, as an `exports` map may hide
 * the package.json from `require.resolve`.
 */
export async function findInstalled(name: string, from: string): Promise<InstalledPackage | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    const version = await versionAt(place);
    if (version !== undefined) return { version, linked: !(await isInNodeModules(place, name)) };
    if (folder === dirname(folder)) return undefined;
  }
}

async function versionAt(place: string): Promise<string | undefined> {
  try {
    const { version } = JSON.parse(await readFile(join(place, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** pnpm links too, but to a folder that is itself in a `node_modules`. */
async function isInNodeModules(place: string, name: string): Promise<boolean> {
  const parent = dirname(await realpath(place));
  return basename(name.startsWith('@') ? dirname(parent) : parent) === 'node_modules';
}
