/** A copy in the order of places: the bundler works on many files at once and finds things in any order. */
export function byPlace<T extends { readonly where: string }>(found: readonly T[]): T[] {
  return [...found].sort((a, b) => a.where.localeCompare(b.where, 'en', { numeric: true }));
}
