import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { requirementFault } from './requirementFault';

/** An entry of a lockfile as it stands there. */
export type LockfileEntry = Readonly<Record<string, unknown>>;

export interface NpmLockfile {
  /** Absolute path. */
  readonly file: string;
  /** Where the lookup began, from the lockfile's folder, with `/`: `packages/a/src`; an empty string is that folder. */
  readonly location: string;
  readonly packages: Readonly<Record<string, LockfileEntry>>;
}

const NPM = ['npm-shrinkwrap.json', 'package-lock.json'];
const OTHERS = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/**
 * The npm lockfile of the project that a folder belongs to, or null when that project has none. A lockfile further up
 * counts only when it knows the project as one of its workspaces.
 *
 * @throws RunwrightError RW_REQUIREMENT_INVALID when the lockfile cannot be read or is of npm 6 or older
 */
export async function findNpmLockfile(from: string): Promise<NpmLockfile | null> {
  const projects: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of NPM) {
      const file = join(folder, name);
      const text = await readText(file);
      if (text === undefined) continue;
      const packages = packagesOf(file, text);
      const keys = projects.map((project) => toKey(folder, project));
      return keys.every((key) => packages[key] !== undefined)
        ? { file, location: toKey(folder, from), packages }
        : null;
    }
    for (const name of OTHERS) if ((await readText(join(folder, name))) !== undefined) return null;
    if (await isProject(folder)) projects.push(folder);
    if (folder === dirname(folder)) return null;
  }
}

function packagesOf(file: string, text: string): NpmLockfile['packages'] {
  let lockfile: { packages?: unknown } | null;
  try {
    lockfile = JSON.parse(text) as typeof lockfile;
  } catch (cause) {
    throw requirementFault(
      file,
      'the lockfile is not JSON',
      'Repair it, or make it anew with `npm install`',
      cause,
    );
  }
  const packages = lockfile?.packages;
  if (typeof packages === 'object' && packages !== null) return packages as NpmLockfile['packages'];
  throw requirementFault(
    file,
    'the lockfile is of npm 6 or older, which does not say where each package stands',
    'Run `npm install --package-lock-only` with npm 7 or later',
  );
}

/** A package.json that only sets the module type of a folder does not make it a project. */
async function isProject(folder: string): Promise<boolean> {
  const text = await readText(join(folder, 'package.json'));
  if (text === undefined) return false;
  try {
    const { name, dependencies, devDependencies } = JSON.parse(text) as Record<string, unknown>;
    return (name ?? dependencies ?? devDependencies) !== undefined;
  } catch {
    return true;
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw requirementFault(file, `the file cannot be read (${code})`, 'Check its permissions', error);
  }
}

const toKey = (root: string, folder: string) => relative(root, folder).split(sep).join('/');
