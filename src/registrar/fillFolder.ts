import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newOwnerId, OWNER_ID } from '../artifact/ownerId';
import { removeLeftovers } from '../artifact/removeLeftovers';
import { errorCodeOf } from '../errors/errorCodeOf';
import { ioError } from '../errors/ioError';
import { refuseAborted } from '../errors/refuseAborted';
import { RunwrightError } from '../errors/RunwrightError';
import { MANIFEST_FILE } from '../packer/manifest/RunnerManifest';

/** A folder in the user's own, in which the package is made before its parts are moved up. */
const UNFINISHED = new RegExp(`^\\.(${OWNER_ID})\\.pulling$`);

/**
 * Makes a package in a folder that is absent or empty. What `open` fails to make leaves nothing there.
 *
 * @param directory absolute
 * @param open makes the package in a folder that is absent
 * @throws RunwrightError RW_OPTION_INVALID (the folder is not empty), RW_ABORTED, RW_IO; and what `open` throws
 */
export async function fillFolder<T>(
  directory: string,
  open: (target: string) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const existing = await findEmpty(directory);
  return existing === undefined ? open(directory) : openInto(existing, open, signal);
}

/** The real path of the user's folder; `undefined` when there is none. */
async function findEmpty(directory: string): Promise<string | undefined> {
  let names: string[];
  let path: string;
  try {
    path = await realpath(directory);
    await removeLeftovers(path, UNFINISHED);
    names = await readdir(path);
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return undefined;
    throw ioError(cause, directory, 'use the folder');
  }
  if (names.length === 0) return path;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: directory,
    what: 'the folder is not empty',
    hint: 'Name an empty folder, or one that does not exist yet',
  });
}

/**
 * The folder itself is neither removed nor replaced: it may be the working directory, a mounted disk, or have rights of its
 * own. So what is in it appears part by part, `runwright.json` last.
 */
async function openInto<T>(
  directory: string,
  open: (target: string) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const aside = join(directory, `.${newOwnerId()}.pulling`);
  const moved: string[] = [];
  try {
    await mkdir(aside);
    const made = join(aside, 'package');
    const opened = await open(made);
    const names = (await readdir(made)).filter((name) => name !== MANIFEST_FILE);
    for (const name of [...names, MANIFEST_FILE]) {
      refuseAborted(signal, directory);
      const target = join(directory, name);
      await rename(join(made, name), target);
      moved.push(target);
    }
    return opened;
  } catch (cause) {
    for (const path of moved) await rm(path, { recursive: true, force: true }).catch(() => undefined);
    throw ioError(cause, directory, 'put the package into the folder');
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
  }
}
