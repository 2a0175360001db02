import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from '../errors/errorCodeOf';

/**
 * Makes a folder, and those above it, where they are missing.
 *
 * `mkdir` with `recursive` does so too, but answers ENOENT on a read-only file system, which sends people the wrong way.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (errorCodeOf(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    await mkdir(path).catch((second: unknown) => {
      if (errorCodeOf(second) !== 'EEXIST') throw second;
    });
  }
}
