import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedRequirements } from './LockedRequirements';

/** Writes the package.json, and the package-lock.json where there is a lock, from which npm installs. */
export async function writeNpmProject(folder: string, locked: LockedRequirements): Promise<void> {
  const root = rootOf(locked);
  await writeJson(join(folder, 'package.json'), root);
  if (locked.lock === null) return;
  const { lockfileVersion, packages } = locked.lock;
  const lockfile = { ...root, lockfileVersion, requires: true, packages: { '': root, ...packages } };
  await writeJson(join(folder, 'package-lock.json'), lockfile);
}

/** Later versions of npm look here, and can be told to refuse to go on over a package that is not named. */
export async function allowInstallScripts(
  folder: string,
  locked: LockedRequirements,
  { allowed, skipped }: { allowed: readonly string[]; skipped: readonly string[] },
): Promise<void> {
  const allowScripts = Object.fromEntries([
    ...allowed.map((name) => [name, true] as const),
    ...skipped.map((name) => [name, false] as const),
  ]);
  await writeJson(join(folder, 'package.json'), { ...rootOf(locked), allowScripts });
}

function rootOf({ packages }: LockedRequirements) {
  const dependencies = Object.fromEntries(packages.map(({ name, version }) => [name, version]));
  return { name: 'runwright-requirements', version: '0.0.0', private: true, dependencies };
}

const writeJson = (file: string, value: unknown) => writeFile(file, JSON.stringify(value, null, 2));
