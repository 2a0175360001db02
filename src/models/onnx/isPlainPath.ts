/** A relative path with slashes that stays where it is: the same file for every system. */
export function isPlainPath(path: string): boolean {
  // A backslash and a colon mean something on Windows.
  if (/[\0\\:]/.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
