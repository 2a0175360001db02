import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { livenessOf } from './ownerId';

/**
 * Removes folders of this user that killed processes left. It is a favour to the next one: what goes wrong is ignored.
 *
 * @param parent the folder that they stand in
 * @param form the names of such folders, from their first to their last letter; the first group is the id of the owner
 * @param unknownAge milliseconds after which one whose owner's fate is unknown (a process of another container, say) counts
 *   as left too, when nothing was made or removed right in it since; never by default
 */
export async function removeLeftovers(
  parent: string,
  form: RegExp,
  unknownAge: number = Infinity,
): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = form.exec(name)?.[1];
    if (owner === undefined) continue;
    const liveness = livenessOf(owner);
    if (liveness === 'alive') continue;
    try {
      const path = join(parent, name);
      const stats = await lstat(path);
      const isMine = stats.isDirectory() && stats.uid === (process.getuid?.() ?? stats.uid);
      const isLeft = liveness === 'dead' || Date.now() - stats.mtimeMs > unknownAge;
      if (isMine && isLeft) await rm(path, { recursive: true, force: true });
    } catch {
      // Somebody else is removing it, or it cannot be removed.
    }
  }
}
