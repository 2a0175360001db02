import { createHash } from 'node:crypto';
import { readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asRecord } from '../../artifact/asRecord';
import type { Digest } from '../../artifact/Digest';
import { makeFolder } from '../../artifact/makeFolder';
import { newOwnerId } from '../../artifact/ownerId';

/** Milliseconds after which a registry has thrown a session away for sure; docker-registry does so after a week. */
const LIFETIME = 7 * 24 * 3600 * 1000;

/**
 * Where uploads that were begun go on, kept in the cache folder so that another process can take over from one that was
 * killed. It only ever saves sending something again: what cannot be read or written is left alone.
 */
export class UploadSessions {
  #swept = false;

  /** @param directory absolute path; `undefined` to keep nothing */
  constructor(private readonly directory: string | undefined) {}

  /**
   * @param repository where the blob goes: the URL of the repository
   * @returns the session's Location
   */
  async read(repository: URL, digest: Digest): Promise<URL | undefined> {
    if (this.directory === undefined) return undefined;
    try {
      const kept = asRecord(
        JSON.parse(await readFile(this.#path(this.directory, repository, digest), 'utf8')),
      );
      const { location, time } = kept;
      if (typeof location !== 'string' || typeof time !== 'string') return undefined;
      const age = Date.now() - Date.parse(time);
      return age < LIFETIME ? new URL(location) : undefined;
    } catch {
      return undefined;
    }
  }

  async write(repository: URL, digest: Digest, location: URL): Promise<void> {
    // Credentials never go into a file of ours.
    if (this.directory === undefined || location.username !== '' || location.password !== '') return;
    const path = this.#path(this.directory, repository, digest);
    const aside = `${path}.${newOwnerId()}`;
    try {
      await makeFolder(this.directory);
      await this.#sweep(this.directory).catch(() => undefined);
      const json = JSON.stringify({ location: location.href, time: new Date().toISOString() });
      // A Location may say enough to write to the session.
      await writeFile(aside, json, { mode: 0o600, flag: 'wx' });
      await rename(aside, path);
    } catch {
      await unlink(aside).catch(() => undefined);
    }
  }

  async remove(repository: URL, digest: Digest): Promise<void> {
    if (this.directory === undefined) return;
    await unlink(this.#path(this.directory, repository, digest)).catch(() => undefined);
  }

  #path(directory: string, repository: URL, digest: Digest): string {
    const key = createHash('sha256').update(`${repository.href}\n${digest}`).digest('hex');
    return join(directory, `${key}.json`);
  }

  async #sweep(directory: string): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const age = Date.now() - (await stat(path)).mtimeMs;
      if (age > LIFETIME) await unlink(path);
    }
  }
}
