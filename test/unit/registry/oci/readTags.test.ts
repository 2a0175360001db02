import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTags } from '../../../../src/registry/oci/readTags';
import {
  formatAliasRecord,
  formatRecord,
  formatVoid,
  hashAlias,
} from '../../../../src/registry/oci/tagNames';

const A = `sha256:${'a'.repeat(64)}` as const;
const at = (minute: number) => `2026-01-31T12:${String(minute).padStart(2, '0')}:00.000Z`;
const record = (number: number, minute: number, id: string) =>
  formatRecord({ number, time: at(minute), digest: A, id: id.padStart(8, '0') });
const aliasRecord = (alias: string, number: number, minute: number) =>
  formatAliasRecord({ number, time: at(minute), aliasHash: hashAlias(alias), id: '00000000' });

describe('readTags', () => {
  it('reads numbers, records and aliases out of names in any order', () => {
    const tags = [
      '10',
      '9',
      record(9, 1, '1'),
      record(9, 3, '3'),
      record(9, 2, '2'),
      record(12, 1, '4'),
      formatVoid('00000004'),
      'stable',
      '_odd',
      aliasRecord('stable', 9, 1),
      aliasRecord('stable', 10, 2),
      aliasRecord('gone', 9, 1),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(tags, { minLength: tags.length }), (shuffled) => {
        const read = readTags(shuffled);
        expect(read.numbers).toEqual([9, 10]);
        expect(read.records.get(9)?.map(({ id }) => id)).toEqual(['00000001', '00000002', '00000003']);
        expect([...read.records.keys()]).toEqual([9]);
        expect([...read.aliases.keys()]).toEqual(['_odd', 'stable']);
        expect(read.aliases.get('stable')?.map(({ number }) => number)).toEqual([10, 9]);
        expect(read.aliases.get('_odd')).toEqual([]);
        // Nobody gets a number that somebody has ever begun.
        expect(read.highest).toBe(12);
      }),
    );
  });

  it('orders what was written at the same time the same way for all', () => {
    const tags = [record(1, 1, 'b'), record(1, 1, 'a')];
    expect(readTags(tags).records.get(1)).toEqual(readTags(tags.toReversed()).records.get(1));
  });

  it('is empty without tags', () => {
    expect(readTags([])).toEqual({ numbers: [], records: new Map(), aliases: new Map(), highest: 0 });
  });
});
