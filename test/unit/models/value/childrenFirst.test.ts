import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childrenFirst } from '../../../../src/models/value/childrenFirst';

test('puts every node after its children, and names those that a cycle holds up', () => {
  expect(childrenFirst([[1, 2], [2], []])).toEqual({ order: [2, 1, 0], cyclic: [] });
  expect(childrenFirst([[1], [1], [0], []])).toEqual({ order: [3], cyclic: [0, 1, 2] });
  expect(childrenFirst([[1, 1, 1], []])).toEqual({ order: [1, 0], cyclic: [] });
  expect(childrenFirst([])).toEqual({ order: [], cyclic: [] });
});

test('holds for any graph', () => {
  const graphs = fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(graphs, (children) => {
      const { order, cyclic } = childrenFirst(children);
      const position = new Map(order.map((node, index) => [node, index]));
      expect([...order, ...cyclic].sort((a, b) => a - b)).toEqual([...children.keys()]);
      for (const node of order) {
        for (const child of children[node] ?? []) {
          expect(position.get(child) ?? Infinity).toBeLessThan(position.get(node) ?? -1);
        }
      }
      // Each one that is held up is held up by another one.
      for (const node of cyclic) expect(children[node]?.some((child) => cyclic.includes(child))).toBe(true);
    }),
  );
});
