/**
 * An order in which every node comes after its children, and the nodes for which there is none: those on a cycle and those
 * that lead to one.
 *
 * @param children for each node, the numbers of the nodes that it refers to; one may occur more than once
 */
export function childrenFirst(children: readonly (readonly number[])[]): {
  order: number[];
  cyclic: number[];
} {
  const parents = children.map((): number[] => []);
  const waiting = children.map((list) => list.length);
  children.forEach((list, node) => list.forEach((child) => parents[child]?.push(node)));

  const order = [...waiting.keys()].filter((node) => waiting[node] === 0);
  for (const node of order) {
    for (const parent of parents[node] ?? []) {
      const left = (waiting[parent] ?? 0) - 1;
      waiting[parent] = left;
      if (left === 0) order.push(parent);
    }
  }
  return { order, cyclic: [...waiting.keys()].filter((node) => waiting[node] !== 0) };
}
