/**
 * Whether a media type, parameters aside, is one of some lower-case patterns.
 *
 * @example matchesMime('IMAGE/PNG; q=1', ['image/*']) // true
 */
export function matchesMime(declared: string, patterns: readonly string[]): boolean {
  const type = (declared.split(';', 1)[0] ?? '').trim().toLowerCase();
  return patterns.some((pattern) => {
    if (pattern === '*/*') return true;
    if (!pattern.endsWith('/*')) return type === pattern;
    const family = pattern.slice(0, -1);
    return type.startsWith(family) && type.length > family.length;
  });
}
