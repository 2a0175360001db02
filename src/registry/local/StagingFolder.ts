import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { makeFolder } from '../../artifact/makeFolder';
import { newOwnerId } from '../../artifact/ownerId';

/** Inside a repository's folder; skopeo and readers of ours do not look there. */
export const STAGING = '.staging';

/** A folder of one process in which things are made before they are moved to where they are seen. */
export class StagingFolder {
  private constructor(readonly path: string) {}

  /**
   * Makes the repository's folder too, where it is missing.
   *
   * @param repository absolute path of the repository's folder
   * @throws RunwrightError RW_IO
   */
  static async create(repository: string): Promise<StagingFolder> {
    const parent = join(repository, STAGING);
    // The owner stands in the name, so there is no moment at which the folder has none.
    const path = join(parent, newOwnerId());
    for (let attempt = 1; ; attempt += 1) {
      try {
        await makeFolder(parent);
        await mkdir(path);
        return new StagingFolder(path);
      } catch (error) {
        // Another process may just be removing the empty folder of a repository that came to nothing.
        if (errorCodeOf(error) === 'ENOENT' && attempt < 10) continue;
        await removeEmpty(parent);
        throw ioError(error, path, 'make the folder');
      }
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Removes the folder, and the folders above that nothing was ever put into. */
  async remove(): Promise<void> {
    try {
      await rm(this.path, { recursive: true, force: true });
    } catch (error) {
      throw ioError(error, this.path, 'remove the folder');
    }
    await removeEmpty(dirname(this.path));
  }
}

/** Removes the folders of a repository that came to nothing; those in use stay, as `rmdir` takes empty folders only. */
async function removeEmpty(staging: string): Promise<void> {
  const repository = dirname(staging);
  for (const folder of [staging, repository, dirname(repository)]) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') return;
    }
  }
}
