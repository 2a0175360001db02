import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from '../errors/errorCodeOf';

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * `mkdir` with `recursive` does so too, but answers ENOENT on a read-only file system, which sends people the wrong way.
 *
 * @param mode permissions of those that are made. Default: 0o777, less what the process masks.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (errorCodeOf(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(path), mode);
    await mkdir(path, mode).catch((second: unknown) => {
      if (errorCodeOf(second) !== 'EEXIST') throw second;
    });
  }
}
