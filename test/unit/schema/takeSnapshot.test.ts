import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Issue } from '../../../src/errors/Issue';
import { IssueList } from '../../../src/schema/IssueList';
import { MAX_DEPTH, MAX_KEY_LENGTH, MAX_NODES, takeSnapshot } from '../../../src/schema/takeSnapshot';
import { brief } from './mustCreate';

function issuesOf(value: unknown): readonly Issue[] {
  const issues = new IssueList();
  takeSnapshot(value, issues);
  return issues.toArray();
}

const copyOf = (value: unknown): unknown => takeSnapshot(value, new IssueList()).value;

/** `levels` arrays (or objects) inside one another. */
function nest(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

describe('takeSnapshot', () => {
  it('copies data that JSON can carry, exactly and apart', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text));
        const copy = copyOf(value);
        expect(copy).toEqual(value);
        expect(JSON.stringify(value)).toBe(text);
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('takes what is at the bounds', () => {
    expect(issuesOf(Array.from({ length: 1_000_000 }, (_, index) => index))).toEqual([]);
    expect(issuesOf(nest(MAX_DEPTH, (inner) => [inner]))).toEqual([]);
    expect(issuesOf({ ['k'.repeat(MAX_KEY_LENGTH)]: 1 })).toEqual([]);
    const shared = { a: 1 };
    expect(issuesOf([shared, shared])).toEqual([]);
  });

  it('refuses what is beyond them', () => {
    const deep = issuesOf({ rows: nest(20_000, (inner) => [inner]) });
    expect(deep).toHaveLength(1);
    expect(deep[0]).toMatchObject({ constraint: 'maxDepth', path: `rows${'[0]'.repeat(MAX_DEPTH - 1)}` });
    expect(brief(issuesOf(nest(20_000, (a) => ({ a }))))[0]).toContain('maxDepth object');
    expect(brief(issuesOf({ a: new Array(MAX_NODES + 1) }))).toEqual(['a maxNodes object']);
    const rows = Array.from({ length: 3000 }, () => 0);
    expect(issuesOf(Array.from({ length: 3000 }, () => [rows]))).toMatchObject([
      { constraint: 'maxNodes', path: expect.stringMatching(/^\[1\d{3}\]\[0\]$/) as string },
    ]);
    expect(brief(issuesOf({ a: { ['k'.repeat(MAX_KEY_LENGTH + 1)]: 'x' } }))).toEqual([
      `a.${'k'.repeat(MAX_KEY_LENGTH)}… maxKeyLength string`,
    ]);
  });

  it('refuses keys that reach prototypes, each with its path', () => {
    const value: unknown = JSON.parse(
      '{"a":{"constructor":"x"},"b":[{"__proto__":{"c":1}},{"prototype":null}]}',
    );
    expect(brief(issuesOf(value))).toEqual([
      'a.constructor forbiddenKey string',
      'b[0].__proto__ forbiddenKey object',
      'b[1].prototype forbiddenKey null',
    ]);
  });

  it('refuses cycles, through objects, arrays, maps and sets', () => {
    const value: Record<string, unknown> = { list: [1] };
    (value.list as unknown[]).push(value);
    value.map = new Map([['again', value]]);
    value.set = new Set([value]);
    expect(brief(issuesOf(value))).toEqual([
      'list[1] acyclic object',
      'map.again acyclic object',
      'set[0] acyclic object',
    ]);
  });

  it('refuses getters without calling them, and promises', () => {
    let called = false;
    const value = {
      get lazy(): string {
        called = true;
        return 'x';
      },
      later: Promise.resolve(1),
      thenable: { then: () => undefined },
    };
    expect(brief(issuesOf(value))).toEqual([
      'lazy plainProperty undefined',
      'later awaited Promise',
      'thenable awaited object',
    ]);
    expect(called).toBe(false);
  });

  it('refuses what throws when it is read', () => {
    const trap = (): never => {
      throw new Error('secret');
    };
    const proxies = [
      new Proxy({}, { ownKeys: trap }),
      new Proxy({}, { getPrototypeOf: trap }),
      new Proxy([1], { get: trap }),
      new Proxy({ a: 1 }, { getOwnPropertyDescriptor: trap }),
      Object.defineProperty([], 0, { get: trap, enumerable: true }),
    ];
    for (const proxy of proxies) {
      expect(brief(issuesOf({ deep: [proxy] }))).toEqual(['deep[0] readable undefined']);
    }
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(brief(issuesOf(revoked))).toEqual([' readable undefined']);
  });

  it('leaves leaves as they are, and holes, symbols and hidden properties behind', () => {
    const leaves = [
      new Float32Array(2),
      Buffer.from('a'),
      new ArrayBuffer(2),
      new Date(0),
      /x/,
      1n,
      Symbol('s'),
    ];
    expect((copyOf(leaves) as unknown[]).every((leaf, index) => leaf === leaves[index])).toBe(true);
    // eslint-disable-next-line no-sparse-arrays
    expect(Object.keys(copyOf([1, , { a: 1 }]) as object)).toEqual(['0', '1', '2']);
    const value = Object.defineProperty({ [Symbol('s')]: 1, a: 1 }, 'hidden', { value: 1 });
    expect(Reflect.ownKeys(copyOf(value) as object)).toEqual(['a']);
  });

  it('stops after the most issues that an answer holds', () => {
    const value = Array.from({ length: 500 }, () => ({ prototype: 1 }));
    expect(issuesOf(value)).toHaveLength(100);
  });
});
