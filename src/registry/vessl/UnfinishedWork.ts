import { readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { makeFolder } from '../../artifact/makeFolder';
import { livenessOf, newOwnerId, OWNER_ID } from '../../artifact/ownerId';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';

/** What a process gave up that may still live. */
const RELEASED = '.released';

const NAME = new RegExp(`^([0-9a-f]{64})\\.(${OWNER_ID})(\\.released)?$`);

/** Something that was begun elsewhere and is not done. */
export interface Unfinished {
  /** What it takes to go on with it. */
  readonly note: string;
  /** It need not be remembered any more: it is done, or has gone. */
  forget(): Promise<void>;
  /** The next one to do the same goes on where this one stopped. */
  release(): Promise<void>;
}

/**
 * Remembers in a folder what has been begun on a platform, so that the same work goes on with it after the process was
 * killed or cut off. Without it, the work begins anew.
 *
 * @example
 * const work = new UnfinishedWork('/cache/vessl/uploads');
 * const upload = (await work.claim('w.bin')) ?? (await work.remember('w.bin', await begin()));
 */
export class UnfinishedWork {
  /** @param directory absolute path; it need not exist */
  constructor(private readonly directory: string) {}

  /** What was begun for `purpose` by a process which is over, or has given it up. */
  async claim(purpose: string): Promise<Unfinished | undefined> {
    const wanted = keyOf(purpose);
    for (const file of await this.#files()) {
      const [, key, owner = '', released] = NAME.exec(file) ?? [];
      if (key !== wanted || (released === undefined && livenessOf(owner) !== 'dead')) continue;
      const path = join(this.directory, `${key}.${newOwnerId()}`);
      try {
        // Of two who find it one can rename it.
        await rename(join(this.directory, file), path);
        const note = await readFile(path, 'utf8');
        if (note !== '') return unfinished(path, note);
        // Killed while it was written.
        await unlink(path);
      } catch (error) {
        if (!isMissing(error)) throw ioError(error, this.directory, 'take over what was not finished');
      }
    }
    return undefined;
  }

  async remember(purpose: string, note: string): Promise<Unfinished> {
    const path = join(this.directory, `${keyOf(purpose)}.${newOwnerId()}`);
    try {
      await makeFolder(this.directory);
      await writeFile(path, note, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      throw ioError(error, this.directory, 'remember what was begun');
    }
    return unfinished(path, note);
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw ioError(error, this.directory, 'look for what was not finished');
    }
  }
}

/** What fails here costs the next try what was begun, and nothing else. */
function unfinished(path: string, note: string): Unfinished {
  return {
    note,
    forget: () => unlink(path).catch(() => undefined),
    release: () => rename(path, `${path}${RELEASED}`).catch(() => undefined),
  };
}

function keyOf(purpose: string): string {
  return hexOf(digestOf(Buffer.from(purpose)));
}
