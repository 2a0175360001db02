import type { Digest } from '../../artifact/Digest';
import { formatReference } from '../../artifact/Reference';
import type { RepositoryName } from '../Registry';
import { UnfinishedWork, type Unfinished } from './UnfinishedWork';

/** A number that was created for a package which is not there yet. */
export interface ReservedNumber extends Pick<Unfinished, 'forget' | 'release'> {
  readonly number: number;
}

/**
 * Remembers in the cache folder which numbers were created for which packages, so that a registration that was killed or cut
 * off goes on under its number when the same command is given again. Without it, a new number is created.
 */
export class ReservedNumbers {
  readonly #work: UnfinishedWork;

  /** @param directory absolute path; it need not exist */
  constructor(directory: string) {
    this.#work = new UnfinishedWork(directory);
  }

  /** The number of an earlier try at the same package whose process is over. */
  async claim(name: RepositoryName, digest: Digest): Promise<ReservedNumber | undefined> {
    const found = await this.#work.claim(formatReference({ ...name, digest }));
    return found && { ...found, number: Number(found.note) };
  }

  async remember(name: RepositoryName, digest: Digest, number: number): Promise<ReservedNumber> {
    const noted = await this.#work.remember(formatReference({ ...name, digest }), String(number));
    return { ...noted, number };
  }
}
