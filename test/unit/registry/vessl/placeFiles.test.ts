import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeFiles } from '../../../../src/registry/vessl/placeFiles';

describe('placeFiles', () => {
  it('leaves a path where it is, unless another one begins with it', () => {
    const placed = (...paths: string[]): string[] => [...placeFiles(paths)].sort();
    expect(placed('data/a.txt', 'data/b.txt', 'model/w.bin')).toEqual([
      'data/a.txt',
      'data/b.txt',
      'model/w.bin',
    ]);
    expect(placed('w.bin', 'w.bin.sum', 'w.bi')).toEqual(['w.bin.sum']);
    expect(placed('code', 'codebook.txt', 'runwright.json')).toEqual(['codebook.txt', 'runwright.json']);
    expect(
      placed('v', 'vessl', 'vessl.manifest.yaml', 'vessl.manifest.yaml.bak', 'vessl.runner.pkl'),
    ).toEqual([]);
    expect(placed('vessl.runwright', 'vessl.runwright.json', 'vessl.runwright/x')).toEqual([]);
  });

  it('gives way to what is there', () => {
    expect([...placeFiles(['a/b', 'w.bin', 'x'], ['w.bin.sum', 'a', 'x'])]).toEqual(['x']);
  });

  it('never puts two keys where one begins the other, and moves none without need', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'ab', '.'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(path), fc.uniqueArray(path), (paths, present) => {
        const placed = placeFiles(paths, present);
        const overlap = (a: string, b: string): boolean => a !== b && (a.startsWith(b) || b.startsWith(a));
        for (const one of placed) {
          if (present.includes(one)) continue;
          expect([...placed, ...present].filter((other) => overlap(one, other))).toEqual([]);
        }
        for (const one of paths) {
          if (placed.has(one)) continue;
          const rivals = [
            ...paths.filter((other) => other.startsWith(one)),
            ...present.filter((other) => overlap(one, other)),
          ];
          expect(rivals.filter((other) => other !== one)).not.toEqual([]);
        }
      }),
    );
  });
});
