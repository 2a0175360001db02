import { readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf } from '../../artifact/Digest';
import type { ImageIndex } from '../../artifact/imageIndex';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { blobPath, OCI_LAYOUT } from '../../artifact/ociLayout';
import { parseOciManifest } from '../../artifact/parseOciManifest';
import { livenessOf } from '../../artifact/ownerId';
import { STAGING } from './StagingFolder';

/** Milliseconds after which the folder of a process of unknown fate, untouched since, counts as left behind. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/**
 * Removes what killed processes left in a repository: staging folders, blobs that no manifest reaches, remains of locks.
 * Only for the holder of the repository's lock: blobs come in under it alone, and what a running publication counts on it
 * has linked into its own folder.
 *
 * Staging folders are removed last: as long as one is there, the next run looks again, and without one there is nothing
 * to look for, so that a publication does not have to read every manifest.
 */
export async function sweepRepository(path: string, index: ImageIndex): Promise<void> {
  try {
    const left = await leftFolders(join(path, STAGING));
    if (left.length === 0) return;
    await removeUnreached(path, index);
    for (const name of await readdir(path)) {
      // Rights to replace a dead holder of the lock: whoever holds the lock now has made them void.
      if (name.startsWith('.lock.')) await unlink(join(path, name));
    }
    for (const folder of left) await rm(folder, { recursive: true, force: true });
  } catch {
    // Another user's leftovers, say. They harm nobody, and the next run tries again.
  }
}

async function leftFolders(staging: string): Promise<string[]> {
  const left: string[] = [];
  for (const name of await readdir(staging)) {
    const liveness = livenessOf(name);
    const folder = join(staging, name);
    if (liveness === 'dead' || (liveness === 'unknown' && (await isAbandoned(folder)))) left.push(folder);
  }
  return left;
}

async function isAbandoned(folder: string): Promise<boolean> {
  const paths = [folder, ...(await readdir(folder)).map((name) => join(folder, name))];
  const times = await Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
  return Date.now() - Math.max(...times) > ABANDONED_AFTER;
}

async function removeUnreached(path: string, index: ImageIndex): Promise<void> {
  const reached = new Set<string>();
  for (const entry of index.manifests) {
    // What another tool has put here is not ours to judge.
    if (entry.mediaType !== MEDIA_TYPES.manifest) return;
    const file = blobPath(path, entry.digest);
    if (reached.has(hexOf(entry.digest))) continue;
    const { config, layers } = parseOciManifest(await readFile(file), file);
    for (const { digest } of [entry, config, ...layers]) reached.add(hexOf(digest));
  }
  const folder = join(path, OCI_LAYOUT.blobsFolder);
  // A repository whose first publication was killed early has no such folder.
  for (const name of await readdir(folder).catch(() => [])) {
    if (/^[0-9a-f]{64}$/.test(name) && !reached.has(name)) await unlink(join(folder, name));
  }
}
