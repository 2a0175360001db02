import { readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOf, type Digest } from '../../artifact/Digest';
import { makeFolder } from '../../artifact/makeFolder';
import { livenessOf, newOwnerId, OWNER_ID } from '../../artifact/ownerId';
import { formatReference } from '../../artifact/Reference';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import type { RepositoryName } from '../Registry';

/** Stands for the owner of a number that was given up by a process which may still live. */
const RELEASED = 'released';

const NAME = new RegExp(`^([0-9a-f]{64})\\.(\\d+)\\.(${OWNER_ID}|${RELEASED})$`);

/** A number that was created for a package which is not there yet. */
export interface ReservedNumber {
  readonly number: number;
  /** It need not be remembered any more: the package is there, or the number has gone. */
  forget(): Promise<void>;
  /** The next one to register this package goes on where this one stopped. */
  release(): Promise<void>;
}

/**
 * Remembers in the cache folder which numbers were created for which packages, so that a registration that was killed or cut
 * off goes on under its number when the same command is given again. Without it, a new number is created.
 */
export class ReservedNumbers {
  /** @param directory absolute path; it need not exist */
  constructor(private readonly directory: string) {}

  /** The number of an earlier try at the same package whose process is over. */
  async claim(name: RepositoryName, digest: Digest): Promise<ReservedNumber | undefined> {
    const wanted = keyOf(name, digest);
    for (const file of await this.#files()) {
      const [, key, number, owner = ''] = NAME.exec(file) ?? [];
      if (key !== wanted || (owner !== RELEASED && livenessOf(owner) !== 'dead')) continue;
      const own = `${key}.${number}.${newOwnerId()}`;
      try {
        // Of two who find it one can rename it.
        await rename(join(this.directory, file), join(this.directory, own));
        return this.#reserved(own, Number(number));
      } catch (error) {
        if (!isMissing(error)) throw ioError(error, this.directory, 'take over a reserved number');
      }
    }
    return undefined;
  }

  async remember(name: RepositoryName, digest: Digest, number: number): Promise<ReservedNumber> {
    const own = `${keyOf(name, digest)}.${number}.${newOwnerId()}`;
    try {
      await makeFolder(this.directory);
      await writeFile(join(this.directory, own), '', { flag: 'wx' });
    } catch (error) {
      throw ioError(error, this.directory, 'remember the number');
    }
    return this.#reserved(own, number);
  }

  #reserved(file: string, number: number): ReservedNumber {
    const path = join(this.directory, file);
    const released = join(this.directory, file.replace(/[^.]+$/, RELEASED));
    // What fails here costs the next try its number, and nothing else.
    return {
      number,
      forget: () => unlink(path).catch(() => undefined),
      release: () => rename(path, released).catch(() => undefined),
    };
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw ioError(error, this.directory, 'look for a reserved number');
    }
  }
}

function keyOf(name: RepositoryName, digest: Digest): string {
  return hexOf(digestOf(Buffer.from(formatReference({ ...name, digest }))));
}
