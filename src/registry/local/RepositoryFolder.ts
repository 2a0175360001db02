import { link, readdir, readFile, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../../artifact/Digest';
import {
  EMPTY_IMAGE_INDEX,
  formatImageIndex,
  parseImageIndex,
  type ImageIndex,
} from '../../artifact/imageIndex';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import { makeFolder } from '../../artifact/makeFolder';
import { OCI_LAYOUT } from '../../artifact/ociLayout';
import { RunwrightError } from '../../errors/RunwrightError';
import { createFile } from './createFile';
import { FileLock } from './FileLock';
import type { StagedBlobs } from './StagedBlobs';
import type { StagingFolder } from './StagingFolder';
import { sweepRepository } from './sweepRepository';
import { syncFolder } from '../../artifact/syncFolder';

/** What is to become of a repository. */
export interface RepositoryChange<T> {
  readonly index: ImageIndex;
  /** Blobs that `index` needs and that may not be there yet. */
  readonly blobs?: { readonly staged: StagedBlobs; readonly digests: readonly Digest[] };
  readonly result: T;
}

/** The folder of one repository: an OCI image layout, changed in one step by the renaming of `index.json`. */
export class RepositoryFolder {
  /** @param path absolute; it need not exist */
  constructor(readonly path: string) {}

  /**
   * What is published right now; `undefined` when nothing is. It takes no lock, and sees a change whole or not at all.
   *
   * An index that is lost is no empty repository: its numbers would be given again, and its blobs swept.
   *
   * @throws RunwrightError RW_REGISTRY_INVALID, RW_IO
   */
  async readIndex(): Promise<ImageIndex | undefined> {
    const path = join(this.path, OCI_LAYOUT.indexFile);
    let bytes = await readIfThere(path);
    if (bytes === undefined) {
      if (!(await this.#hasBlobs())) return undefined;
      // The first publication may have come between the two looks.
      bytes = await readIfThere(path);
    }
    if (bytes === undefined) {
      throw new RunwrightError('RW_REGISTRY_INVALID', {
        where: path,
        what: 'the index of the repository is lost: there are blobs, and no index',
        hint: 'Put the file back from a backup; if there is none, move the folder of the repository away and register again',
      });
    }
    return parseImageIndex(
      bytes,
      (what) =>
        new RunwrightError('RW_REGISTRY_INVALID', {
          where: path,
          what: `the index of the repository is damaged: ${what}`,
          hint: 'Put the file back from a backup; if there is none, move the folder of the repository away and register again',
        }),
    );
  }

  /**
   * Changes the repository while no other process does. A process that is killed anywhere in here leaves the old index or
   * the new one; what else it leaves, the next one removes.
   *
   * @param staging a folder of the caller's, which the caller removes
   * @param change gets the present index, and may refuse by throwing
   * @throws RunwrightError RW_REGISTRY_LOCKED, RW_IO, and what `change` throws
   */
  async update<T>(
    staging: StagingFolder,
    change: (index: ImageIndex) => RepositoryChange<T> | Promise<RepositoryChange<T>>,
  ): Promise<T> {
    const lock = await FileLock.acquire(join(this.path, '.lock'), staging.file('lock'));
    try {
      const found = await this.readIndex();
      const before = found ?? EMPTY_IMAGE_INDEX;
      await sweepRepository(this.path, before);
      const next = await change(before);
      await this.#write(next, found === undefined, staging, lock);
      return next.result;
    } finally {
      await lock.release();
    }
  }

  async #write<T>(
    change: RepositoryChange<T>,
    isNew: boolean,
    staging: StagingFolder,
    lock: FileLock,
  ): Promise<void> {
    const path = (name: string): string => join(this.path, name);
    let unplace: (() => Promise<void>) | undefined;
    try {
      const index = staging.file(OCI_LAYOUT.indexFile);
      await createFile(index, formatImageIndex(change.index));
      if (isNew) await this.#createLayout(staging);
      unplace = await change.blobs?.staged.place(change.blobs.digests);
      if (unplace !== undefined) await syncFolder(path(OCI_LAYOUT.blobsFolder));
      await lock.assertHeld();
      await rename(index, path(OCI_LAYOUT.indexFile));
    } catch (error) {
      await unlink(staging.file(OCI_LAYOUT.indexFile)).catch(() => undefined);
      // Whoever took the lock over may count on what is there by now.
      if (await lock.isHeld()) {
        await unplace?.();
        if (isNew) await this.#removeLayout();
      }
      throw ioError(error, this.path, 'write the index of the repository');
    }
    // From here on the change is made.
    await syncFolder(this.path);
    if (isNew) {
      await syncFolder(dirname(this.path));
      await syncFolder(dirname(dirname(this.path)));
    }
  }

  /** There is an index before there is a blob, so that blobs without an index always mean that it was lost. */
  async #createLayout(staging: StagingFolder): Promise<void> {
    const version = staging.file(OCI_LAYOUT.versionFile);
    await createFile(version, Buffer.from(OCI_LAYOUT.versionJson));
    await rename(version, join(this.path, OCI_LAYOUT.versionFile));
    const empty = staging.file('empty-index.json');
    await createFile(empty, formatImageIndex(EMPTY_IMAGE_INDEX));
    try {
      // A link, not a renaming: it never takes the place of an index that somebody else has written.
      await link(empty, join(this.path, OCI_LAYOUT.indexFile));
    } finally {
      await unlink(empty).catch(() => undefined);
    }
    await syncFolder(this.path);
    await makeFolder(join(this.path, OCI_LAYOUT.blobsFolder));
  }

  /** The index goes last, and stays when a blob does. */
  async #removeLayout(): Promise<void> {
    const blobs = join(this.path, OCI_LAYOUT.blobsFolder);
    await rmdir(blobs).catch(() => undefined);
    await rmdir(dirname(blobs)).catch(() => undefined);
    if (await this.#hasBlobs().catch(() => true)) return;
    await unlink(join(this.path, OCI_LAYOUT.indexFile)).catch(() => undefined);
    await unlink(join(this.path, OCI_LAYOUT.versionFile)).catch(() => undefined);
  }

  async #hasBlobs(): Promise<boolean> {
    const folder = join(this.path, OCI_LAYOUT.blobsFolder);
    try {
      return (await readdir(folder)).length > 0;
    } catch (error) {
      if (isMissing(error)) return false;
      throw ioError(error, folder, 'read the folder of the blobs');
    }
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw ioError(error, path, 'read the index of the repository');
  }
}
