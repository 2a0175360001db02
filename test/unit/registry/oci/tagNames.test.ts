import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAlias } from '../../../../src/artifact/Reference';
import {
  formatAliasRecord,
  formatRecord,
  formatVoid,
  hashAlias,
  newRecordId,
  parseTagName,
  timeBehind,
} from '../../../../src/registry/oci/tagNames';

const number = fc.integer({ min: 1, max: 999_999_999_999_999 });
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

describe('tag names', () => {
  it('come back as they were written, and are tags', () => {
    fc.assert(
      fc.property(number, time, hex(64), hex(8), fc.string(), (given, at, digest, id, alias) => {
        const record = { number: given, time: at, digest: `sha256:${digest}` as const, id };
        const aliasRecord = { number: given, time: at, aliasHash: hashAlias(alias), id };
        for (const [tag, name] of [
          [String(given), { kind: 'number', number: given }],
          [formatRecord(record), { kind: 'record', ...record }],
          [formatAliasRecord(aliasRecord), { kind: 'aliasRecord', ...aliasRecord }],
          [formatVoid(id), { kind: 'void', id }],
        ] as const) {
          expect(tag).toMatch(TAG);
          expect(parseTagName(tag)).toEqual(name);
        }
      }),
    );
  });

  it('are nothing when they are no tags', () => {
    expect(parseTagName('../../../evil?x=1')).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!TAG.test(text));
        expect(parseTagName(text)).toBeUndefined();
      }),
    );
  });

  it('are aliases when they are nothing else', () => {
    fc.assert(
      fc.property(fc.stringMatching(TAG), (tag) => {
        const name = parseTagName(tag);
        if (!isAlias(tag)) expect(name?.kind).not.toBe('alias');
        else if (!tag.startsWith('_')) expect(name).toEqual({ kind: 'alias', alias: tag });
      }),
    );
  });

  it.each(['_', '_1', '_alias', '_void', '_void.x', '_5.20260131T120000000Z', '__'])(
    'has %s for an alias',
    (alias) => {
      expect(parseTagName(alias)).toEqual({ kind: 'alias', alias });
    },
  );

  it('takes no record for one whose time is none', () => {
    const record = `_5.20261331T120000000Z.${'a'.repeat(64)}.00000000`;
    expect(parseTagName(record)).toEqual({ kind: 'alias', alias: record });
  });

  it('takes neither zero, nor leading zeros, nor more than a number can hold for a number', () => {
    for (const tag of ['0', '007', '9'.repeat(16)]) expect(parseTagName(tag)).toBeUndefined();
  });

  it('has ids of its own', () => {
    expect(new Set(Array.from({ length: 1000 }, newRecordId)).size).toBe(1000);
  });

  it('puts a new record behind the one before, whatever the clock says', () => {
    const now = Date.parse('2026-01-31T12:00:00.000Z');
    expect(timeBehind(undefined, now)).toBe('2026-01-31T12:00:00.000Z');
    expect(timeBehind('2026-01-31T11:00:00.000Z', now)).toBe('2026-01-31T12:00:00.000Z');
    expect(timeBehind('2026-01-31T13:00:00.000Z', now)).toBe('2026-01-31T13:00:00.001Z');
  });
});
