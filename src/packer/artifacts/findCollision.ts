import { foldPath } from '../foldPath';

/**
 * Two paths that would be one, on this or another file system: the same path, paths that differ in case or in Unicode
 * form only, and a file where another needs a folder.
 */
export function findCollision(paths: readonly string[]): readonly [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const other = seen.get(foldPath(path));
    if (other !== undefined) return [path, other];
    seen.set(foldPath(path), path);
  }
  for (const path of paths) {
    const segments = foldPath(path).split('/');
    for (let length = 1; length < segments.length; length += 1) {
      const other = seen.get(segments.slice(0, length).join('/'));
      if (other !== undefined) return [path, other];
    }
  }
  return undefined;
}
