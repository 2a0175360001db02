import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Descriptor } from '../../artifact/Descriptor';
import { hexOf } from '../../artifact/Digest';
import { makeFolder } from '../../artifact/makeFolder';
import { livenessOf, newOwnerId, OWNER_ID } from '../../artifact/ownerId';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import { PartialBlob } from './PartialBlob';

/** Milliseconds for which a file of a living process may stand still before somebody else begins one too. */
const STALLED_AFTER = 30_000;

/** Milliseconds after which nobody is expected to go on with a file. */
const FORGOTTEN_AFTER = 7 * 24 * 60 * 60 * 1000;

const FORM = new RegExp(`^([0-9a-f]{64})(?:\\.(${OWNER_ID}))?$`);

/**
 * The unfinished blobs of a cache: `<hex>.<owner id>` while a process is at it, `<hex>` when it has given up. Taking one over
 * is a renaming, so one file never has two that write to it.
 */
export class PartialBlobs {
  #swept: Promise<void> | undefined;

  /** @param folder absolute; it need not exist */
  constructor(private readonly folder: string) {}

  /** Begins one, whoever else is at it. @throws RunwrightError RW_IO */
  async create(descriptor: Descriptor): Promise<PartialBlob> {
    await this.#makeFolder();
    return PartialBlob.open(this.#newPath(descriptor), descriptor);
  }

  /**
   * For one who wants a blob: `claim` gives the file to go on with, or nothing while another living process brings the blob.
   */
  watch(descriptor: Descriptor): { claim(): Promise<PartialBlob | undefined> } {
    let seen: { readonly look: string; readonly at: number } | undefined;
    return {
      claim: async () => {
        const { left, alive } = await this.#find(descriptor);
        for (const path of left) {
          const own = this.#newPath(descriptor);
          // Whoever renames it first has it.
          if (await succeeds(rename(path, own))) return PartialBlob.open(own, descriptor);
        }
        const look = await lookOf(alive);
        const now = performance.now();
        if (seen?.look !== look) seen = { look, at: now };
        if (look !== '' && now - seen.at < STALLED_AFTER) return undefined;
        const created = await this.create(descriptor);
        // Of two that begin at once one steps back, as a rule. When both go on, only time is lost.
        const others = await this.#find(descriptor);
        if (look !== '' || !others.alive.some((path) => path < created.path)) return created;
        await created.discard();
        return undefined;
      },
    };
  }

  /** @param error why it was not finished: bytes that are wrong, or that the disk did not take, are no use to anybody */
  async leave(partial: PartialBlob, error: unknown): Promise<void> {
    const isUseless =
      RunwrightError.is(error) && (error.code === 'RW_PACKAGE_CORRUPT' || error.code === 'RW_IO');
    if (isUseless) await partial.discard();
    else await partial.release(join(this.folder, hexOf(partial.descriptor.digest)));
  }

  /** Files of one blob: those that nobody is at any more, and those of processes that live, this one too. */
  async #find({ digest }: Descriptor): Promise<{ left: string[]; alive: string[] }> {
    await (this.#swept ??= this.#sweep());
    const found: { left: string[]; alive: string[] } = { left: [], alive: [] };
    for (const name of await readdir(this.folder).catch(() => [])) {
      const [, hex, owner] = FORM.exec(name) ?? [];
      if (hex !== hexOf(digest)) continue;
      const liveness = owner === undefined ? 'dead' : livenessOf(owner);
      // One of unknown fate may still be written to, and may be dead: neither claimed nor waited for.
      if (liveness !== 'unknown') found[liveness === 'dead' ? 'left' : 'alive'].push(join(this.folder, name));
    }
    return found;
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const [, hex, owner] = FORM.exec(name) ?? [];
      if (hex === undefined || (owner !== undefined && livenessOf(owner) === 'alive')) continue;
      const path = join(this.folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats !== undefined && Date.now() - stats.mtimeMs > FORGOTTEN_AFTER)
        await unlink(path).catch(() => undefined);
    }
  }

  #newPath({ digest }: Descriptor): string {
    return join(this.folder, `${hexOf(digest)}.${newOwnerId()}`);
  }

  async #makeFolder(): Promise<void> {
    await makeFolder(this.folder).catch((error: unknown) => {
      throw ioError(error, this.folder, 'make the folder of the cache');
    });
  }
}

/** How some files look: it changes while one of them grows. Empty when there are none. */
async function lookOf(paths: readonly string[]): Promise<string> {
  const looks = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size, mtimeMs }) => `${path} ${size} ${mtimeMs}`,
        () => '',
      ),
    ),
  );
  return looks.join('');
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
