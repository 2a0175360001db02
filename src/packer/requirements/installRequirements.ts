import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asRecord } from '../../artifact/asRecord';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { LockedRequirements } from './LockedRequirements';
import { parseLockedRequirements } from './parseLockedRequirements';
import { requirementsKey } from './requirementsKey';
import { runNpm, type RunNpmOptions } from './runNpm';
import { allowInstallScripts, writeNpmProject } from './writeNpmProject';

export interface InstallRequirementsOptions {
  /** Folder of the store; it is made when it is missing. */
  readonly store: string;
  /** Names of packages whose install scripts may run. None by default. */
  readonly allowScripts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line that npm prints. */
  readonly onOutput?: ((line: string) => void) | undefined;
}

export interface InstalledRequirements {
  /** Absolute path of the `node_modules` that has them. It is shared: nothing may be written there. */
  readonly nodeModules: string;
  /** Packages that have install scripts which did not run, sorted: the first thing to look at when one does not load. */
  readonly scriptsSkipped: readonly string[];
}

const DONE = 'installed.json';
const ASIDE = '.tmp-';
const DAY = 24 * 60 * 60 * 1000;

/** What must hold whatever the user's .npmrc says of it. */
const FLAGS = [
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--no-progress',
  '--no-global',
  '--no-dry-run',
  '--no-save',
  '--package-lock',
  '--include=prod',
  '--include=optional',
  '--include=peer',
  '--install-strategy=hoisted',
  '--loglevel=error',
  '--prefer-offline',
];

/**
 * Installs the requirements of a package with npm, once for each different list: an entry of the store that is there is
 * used at once. Several processes may install at the same time, and one that is killed leaves nothing that others see.
 *
 * @returns `null` when there are no requirements
 * @throws RunwrightError RW_REQUIREMENT_INSTALL with what npm said and what to do, RW_PACKAGE_INVALID for requirements of
 * a wrong form, RW_ABORTED
 * @example
 * const installed = await installRequirements(manifest.requirements, { store: '/var/cache/runwright' });
 */
export async function installRequirements(
  locked: LockedRequirements,
  options: InstallRequirementsOptions,
): Promise<InstalledRequirements | null> {
  const safe = parseLockedRequirements(locked);
  if (safe.packages.length === 0) return null;
  const store = resolve(options.store);
  const allowScripts = [...new Set(options.allowScripts ?? [])].sort();
  const entry = join(store, requirementsKey(safe, allowScripts));
  const ready = await readEntry(entry);
  if (ready !== undefined) return ready;

  const aside = join(store, `${ASIDE}${randomUUID()}`);
  try {
    await mkdir(aside, { recursive: true });
    await removeLeftovers(store);
    const scriptsSkipped = await install(aside, safe, allowScripts, options);
    await writeFile(join(aside, DONE), JSON.stringify({ scriptsSkipped }));
    return await publish(aside, entry);
  } catch (error) {
    throw asInstallFault(error, store, options.signal);
  } finally {
    // What cannot be removed now is a leftover for a later install.
    await rm(aside, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function install(
  folder: string,
  locked: LockedRequirements,
  allowScripts: readonly string[],
  { signal, onOutput }: InstallRequirementsOptions,
): Promise<string[]> {
  const options: RunNpmOptions = { cwd: folder, signal, onOutput };
  await writeNpmProject(folder, locked);
  await runNpm([locked.lock === null ? 'install' : 'ci', '--ignore-scripts', ...FLAGS], options);
  const withScripts = await packagesWithScripts(folder);
  const allowed = withScripts.filter((name) => allowScripts.includes(name));
  const skipped = withScripts.filter((name) => !allowScripts.includes(name));
  if (allowed.length > 0) {
    await allowInstallScripts(folder, locked, { allowed, skipped });
    await runNpm(['rebuild', ...allowed, '--no-ignore-scripts', '--foreground-scripts', ...FLAGS], options);
  }
  return skipped;
}

/** npm notes in its own record of a `node_modules` which packages have install scripts. */
async function packagesWithScripts(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages } = asRecord(JSON.parse(text));
  const names = Object.entries(asRecord(packages))
    .filter(([, entry]) => asRecord(entry).hasInstallScript === true)
    .map(([place]) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length));
  return [...new Set(names)].sort();
}

async function readEntry(entry: string): Promise<InstalledRequirements | undefined> {
  try {
    const { scriptsSkipped } = JSON.parse(await readFile(join(entry, DONE), 'utf8')) as {
      scriptsSkipped: string[];
    };
    return { nodeModules: join(entry, 'node_modules'), scriptsSkipped };
  } catch {
    return undefined;
  }
}

/** The first to come wins; the others use its entry, which is the same. */
async function publish(aside: string, entry: string): Promise<InstalledRequirements> {
  const failure: unknown = await rename(aside, entry).then(
    () => undefined,
    (error: unknown) => error,
  );
  const ready = await readEntry(entry);
  if (ready === undefined) throw failure;
  return ready;
}

/** What killed processes left. A day is longer than any install; no process id tells the age across machines. */
async function removeLeftovers(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    if (!name.startsWith(ASIDE)) continue;
    const path = join(store, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > DAY) await rm(path, { recursive: true, force: true });
  }
}

function asInstallFault(error: unknown, store: string, signal: AbortSignal | undefined): RunwrightError {
  if (RunwrightError.is(error)) return error;
  refuseAborted(signal, store);
  const { code, message } = error as NodeJS.ErrnoException;
  return new RunwrightError('RW_REQUIREMENT_INSTALL', {
    where: store,
    what: `the requirements cannot be put into the store (${code ?? message})`,
    hint:
      code === 'ENOSPC'
        ? 'Free some space on the disk'
        : 'Check that the folder can be written; what is in it may be removed, it is installed again',
    cause: error,
  });
}
