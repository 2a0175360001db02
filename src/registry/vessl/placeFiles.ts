import { BLOBS_FOLDER, MANIFEST_KEY, POINTER_KEY } from './volumeLayout';

/** Keys that are not a package's to take. A file's key must be no beginning of another's, nor the other way round. */
const RESERVED = [MANIFEST_KEY, POINTER_KEY, `${BLOBS_FOLDER}/`, 'vessl.runner.pkl', 'vessl.model.pkl'];

/**
 * Which files of a package can lie at their own paths on a volume.
 *
 * The Python SDK downloads by prefix: asked for `w.bin` beside `w.bin.sum`, it makes a folder of both. So of two paths, one of
 * which is the beginning of the other, the shorter cannot be used; and what was on the volume first keeps its place.
 *
 * @param paths of the package's files
 * @param present keys of what lies on the volume
 */
export function placeFiles(paths: Iterable<string>, present: Iterable<string> = []): Set<string> {
  const wanted = new Set(paths);
  const there = new Set(present);
  const fixed = new Set([...RESERVED, ...there]);
  const ordered = [...new Set([...wanted, ...fixed])].sort();
  const placed = new Set<string>();
  // In order of code units, whatever begins with a text comes right behind it.
  for (const [index, path] of ordered.entries()) {
    if (!wanted.has(path) || RESERVED.includes(path)) continue;
    if (there.has(path)) {
      placed.add(path);
      continue;
    }
    if (fixed.has(path) || ordered[index + 1]?.startsWith(path) === true) continue;
    if (!beginnings(path).some((beginning) => fixed.has(beginning))) placed.add(path);
  }
  return placed;
}

function beginnings(path: string): string[] {
  return Array.from({ length: path.length - 1 }, (_, index) => path.slice(0, index + 1));
}
