import { createHash, randomInt } from 'node:crypto';
import { link, open, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import { livenessOf, newOwnerId, pidOf } from '../../artifact/ownerId';

export interface FileLockOptions {
  /** Milliseconds to wait for another holder; 90,000 by default. */
  readonly waitTime?: number;
  /** Milliseconds after which a holder of unknown fate (another machine, another container) counts as dead; 60,000. */
  readonly staleTime?: number;
}

/** Milliseconds. */
const REFRESH = 5_000;

/** What stands in a lock file, and since when. */
interface Holder {
  readonly content: string;
  readonly modifiedAt: number;
}

/**
 * A lock between processes: a file that exists while somebody holds the lock, and says who.
 *
 * It is taken by `link()`, which makes the name and its content appear in one step and fails when the name exists. A
 * holder that has died is replaced, not removed: see `claim`.
 */
export class FileLock {
  readonly #path: string;
  readonly #content: string;

  private constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
  }

  /**
   * @param path the lock file
   * @param candidate a path on the same file system where nothing is; it is used while the lock is being taken
   * @throws RunwrightError RW_REGISTRY_LOCKED (somebody else kept it for too long), RW_IO
   */
  static async acquire(path: string, candidate: string, options: FileLockOptions = {}): Promise<FileLock> {
    const { waitTime = 90_000, staleTime = 60_000 } = options;
    const content = `${newOwnerId()}\n${hostname()}\n`;
    const startedAt = performance.now();
    let written: { now: number; at: number } | undefined;
    try {
      for (;;) {
        const now = performance.now();
        // Written again while waiting, because the lock's age is the age of this file.
        if (written === undefined || now - written.now > REFRESH) {
          await writeFile(candidate, content);
          // Ages are told by the file system's clock: a network file system's may differ from this machine's.
          written = { now, at: (await stat(candidate)).mtimeMs };
        }
        const time = written.at + now - written.now;
        const holder = await claim(path, candidate, content, ({ content: other, modifiedAt }) => {
          const liveness = livenessOf(ownerOf(other));
          return liveness === 'dead' || (liveness === 'unknown' && time - modifiedAt > staleTime);
        });
        if (holder === undefined) return new FileLock(path, content);
        if (now - startedAt > waitTime) throw lockedError(path, holder, now - startedAt);
        await sleep(randomInt(5, 40));
      }
    } catch (error) {
      throw ioError(error, path, 'take the lock (the file system must be able to make hard links)');
    } finally {
      await unlink(candidate).catch(ignoreMissing);
    }
  }

  /** False when this process was of unknown fate to another one, and stood still for so long that it lost the lock. */
  async isHeld(): Promise<boolean> {
    return (await read(this.#path))?.content === this.#content;
  }

  /** For the moment before the decisive step. @throws RunwrightError RW_REGISTRY_LOCKED */
  async assertHeld(): Promise<void> {
    if (await this.isHeld()) return;
    throw new RunwrightError('RW_REGISTRY_LOCKED', {
      where: this.#path,
      what: 'the lock was taken over by another process, because this one stood still for too long',
      hint: 'Try again: nothing was changed',
    });
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await unlink(this.#path).catch(ignoreMissing);
  }
}

/**
 * Tries once to make `path` ours; returns the holder when it is somebody else's.
 *
 * Two that find the same dead holder must not both win, also when one of them stands still between looking and acting.
 * So the right to replace a dead holder is itself such a lock, named after that holder (`<path>.<hash>`), and whoever has
 * it looks again: as the dead change nothing, only the owner of that right can have changed `path` since.
 */
async function claim(
  path: string,
  candidate: string,
  content: string,
  isDead: (holder: Holder) => boolean,
): Promise<Holder | undefined> {
  try {
    await link(candidate, path);
    return undefined;
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') throw error;
  }
  const holder = await read(path);
  if (holder === undefined) return claim(path, candidate, content, isDead);
  // A network file system can make the link, lose the answer and try again.
  if (holder.content === content) return undefined;
  if (!isDead(holder)) return holder;

  const guard = `${path}.${createHash('sha256').update(holder.content).digest('hex').slice(0, 16)}`;
  if ((await claim(guard, candidate, content, isDead)) !== undefined) return holder;
  try {
    if ((await read(path))?.content !== holder.content) return holder;
    const replacement = `${candidate}.new`;
    await link(candidate, replacement);
    await rename(replacement, path);
    return undefined;
  } finally {
    await unlink(guard).catch(ignoreMissing);
  }
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    const file = await open(path);
    try {
      const { mtimeMs } = await file.stat();
      return { content: await file.readFile('utf8'), modifiedAt: mtimeMs };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw ioError(error, path, 'read the lock');
  }
}

function ownerOf(content: string): string {
  return content.split('\n')[0] ?? '';
}

function lockedError(path: string, holder: Holder, waited: number): RunwrightError {
  const pid = pidOf(ownerOf(holder.content));
  const host = holder.content.split('\n')[1];
  const who = pid === undefined ? 'an unknown process' : `process ${pid} on ${host ?? 'an unknown host'}`;
  return new RunwrightError('RW_REGISTRY_LOCKED', {
    where: path,
    what: `${who} holds the lock, and did not let go of it within ${Math.round(waited / 1000)} s`,
    hint: 'Try again when it has finished; if it does not exist any more, delete the lock file',
  });
}

function ignoreMissing(error: unknown): void {
  if (errorCodeOf(error) !== 'ENOENT') throw error;
}
