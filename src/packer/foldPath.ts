/** Paths that fold to the same are one file on some file system: they differ in case or in Unicode form only. */
export function foldPath(path: string): string {
  // Lower-casing can undo a normal form.
  return path.normalize('NFKC').toLowerCase().normalize('NFKC');
}
