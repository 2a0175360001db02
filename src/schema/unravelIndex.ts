/** @example unravelIndex(7, [2, 5]) // [1, 2] */
export function unravelIndex(index: number, dims: readonly number[]): number[] {
  const indexes: number[] = [];
  let rest = index;
  for (const size of [...dims].reverse()) {
    indexes.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return indexes;
}
