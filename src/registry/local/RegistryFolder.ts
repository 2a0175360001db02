import { readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { isRecord } from '../../artifact/isRecord';
import { isNameComponent } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import type { RepositoryName } from '../Registry';
import { createFile } from './createFile';
import { makeFolder } from '../../artifact/makeFolder';
import { livenessOf, newOwnerId } from '../../artifact/ownerId';
import { syncFolder } from '../../artifact/syncFolder';

const MARKER = 'runwright-registry.json';
const FORMAT_VERSION = 1;
const UNFINISHED = `.${MARKER}.`;

/** The folder of a whole registry: a marker file that says its format, and `<organization>/<repository>` folders. */
export class RegistryFolder {
  /** @param path absolute; it need not exist */
  constructor(readonly path: string) {}

  /**
   * Whether there is a registry; nothing and an empty folder are none yet.
   *
   * @throws RunwrightError RW_REGISTRY_INVALID (the folder is something else), RW_REGISTRY_FORMAT (newer), RW_IO
   */
  async exists(): Promise<boolean> {
    if (await this.#hasMarker()) return true;
    const names = await this.#names();
    if (names.every((name) => name.startsWith(UNFINISHED))) return false;
    // It may have come since the first look.
    if (await this.#hasMarker()) return true;
    throw new RunwrightError('RW_REGISTRY_INVALID', {
      where: this.path,
      what: `the folder is not empty and is not a registry (it has no ${MARKER})`,
      hint: 'Name an empty or a new folder, or the folder of a registry',
    });
  }

  /** Makes the registry when there is none. Any number of processes may do so at once. */
  async create(): Promise<void> {
    try {
      await makeFolder(this.path);
    } catch (error) {
      throw ioError(error, this.path, 'make the folder of the registry');
    }
    if (await this.exists()) return;
    await this.#removeUnfinished();
    const unfinished = join(this.path, `${UNFINISHED}${newOwnerId()}`);
    await createFile(unfinished, Buffer.from(`${JSON.stringify({ formatVersion: FORMAT_VERSION })}\n`));
    try {
      await rename(unfinished, join(this.path, MARKER));
    } catch (error) {
      throw ioError(error, this.path, 'write the marker of the registry');
    }
    await syncFolder(this.path);
    await syncFolder(dirname(this.path));
  }

  /** Repositories that may be there, ordered by organization and name: folders, which may hold nothing yet. */
  async repositories(organization?: string): Promise<RepositoryName[]> {
    const organizations = organization === undefined ? await namesIn(this.path) : [organization];
    const found: RepositoryName[] = [];
    for (const name of organizations) {
      for (const repository of await namesIn(join(this.path, name)))
        found.push({ organization: name, repository });
    }
    return found;
  }

  async #hasMarker(): Promise<boolean> {
    const path = join(this.path, MARKER);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return false;
      if (errorCodeOf(error) === 'ENOTDIR') {
        throw new RunwrightError('RW_REGISTRY_INVALID', {
          where: this.path,
          what: 'a registry is a folder, and this path leads through a file',
          hint: 'Name an empty or a new folder, or the folder of a registry',
          cause: error,
        });
      }
      throw ioError(error, path, 'read the marker of the registry');
    }
    checkFormat(text, path);
    return true;
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.path);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return [];
      throw ioError(error, this.path, 'read the folder of the registry');
    }
  }

  async #removeUnfinished(): Promise<void> {
    for (const name of await this.#names()) {
      if (name.startsWith(UNFINISHED) && livenessOf(name.slice(UNFINISHED.length)) === 'dead') {
        await unlink(join(this.path, name)).catch(() => undefined);
      }
    }
  }
}

function checkFormat(text: string, path: string): void {
  let marker: unknown;
  try {
    marker = JSON.parse(text);
  } catch {
    marker = undefined;
  }
  const version = isRecord(marker) ? marker.formatVersion : undefined;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw new RunwrightError('RW_REGISTRY_INVALID', {
      where: path,
      what: 'the marker of the registry is damaged: `formatVersion` is not a positive integer',
      hint: `If the folder is a registry, write {"formatVersion":${FORMAT_VERSION}} into that file; otherwise name another`,
    });
  }
  if (version > FORMAT_VERSION) {
    throw new RunwrightError('RW_REGISTRY_FORMAT', {
      where: path,
      what: `the registry has format ${version}, and this Runwright knows formats up to ${FORMAT_VERSION}`,
      hint: 'Install a newer Runwright (npm install runwright@latest), or use another registry',
    });
  }
}

/** Names in a folder that can be an organization's or a repository's, ordered; none when it is no folder. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter(isNameComponent).sort();
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || errorCodeOf(error) === 'ENOTDIR') return [];
    throw ioError(error, path, 'read the folder');
  }
}
