import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  Allow,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ISSUES } from '../../../src/schema/IssueList';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { MAX_INSTANCES } from '../../../src/schema/takeSnapshot';
import { brief, issuesOf, mustCreate, parseNow } from './mustCreate';

class Leaf {
  @IsNumber() a!: number;
  @IsOptional() @IsString() b?: string;
}
class Root {
  @IsOptional() @IsInt() @Type(() => Number) a?: number;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Leaf) b?: Leaf[];
  @IsOptional() @Matches(/^x/) @Type(() => String) c?: string;
  @IsOptional() @IsObject() d?: object;
  @IsOptional() @Allow() e?: unknown;
}

const throwing = (): never => {
  throw new Error('secret');
};
const hostile = fc.constantFrom<() => unknown>(
  () => new Proxy({}, { ownKeys: throwing }),
  () => new Proxy({}, { get: throwing, getPrototypeOf: throwing, getOwnPropertyDescriptor: throwing }),
  () => Object.create({ constructor: null, hasOwnProperty: 1 }),
  () => ({ toString: null, valueOf: null }),
  () => ({ toString: throwing, then: 1 }),
  () => ({
    get a() {
      return throwing();
    },
  }),
  () => JSON.parse('{"a":{"constructor":"x"},"__proto__":[]}') as unknown,
  () => JSON.parse('{"b":{"100000000":1,"__proto__":[]}}') as unknown,
  () => JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`) as unknown,
  () => Object.create(null),
  () => Promise.reject(new Error('secret')).catch(() => undefined),
  () => throwing,
  () => class {},
  () => new (class extends Array {})(),
  () =>
    new Map<unknown, unknown>([
      [{}, 1],
      [null, 2],
      [Symbol('s'), 3],
    ]),
  () => new Set([null, undefined]),
  () => new Date(Number.NaN),
  () => new Uint8Array(3),
  () => Symbol('s'),
  () => 10n ** 40n,
  () => globalThis,
  () => new WeakMap(),
  () => {
    const self: Record<string, unknown> = {};
    self.b = [self];
    return self;
  },
);
const key = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'c',
    'd',
    'e',
    'then',
    'toString',
    'hasOwnProperty',
    'constructor',
    '__proto__',
    'length',
  ),
  fc.string({ maxLength: 300 }),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
      maxDepth: 2,
    }),
    hostile.map((make) => make()),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 5 }),
  ),
})).any;

describe('parse of any value', () => {
  const schemas = [Root, [Root], Leaf, String, [Number], Buffer, [Unvalidated]].map(mustCreate);

  it('answers, and never throws', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(...schemas), (input, schema) => {
        const result = parseNow(schema, input);
        if (result.ok) return;
        expect(result.issues.length).toBeGreaterThan(0);
        expect(result.issues.length).toBeLessThanOrEqual(MAX_ISSUES + 1);
        for (const { path, constraint, message, received } of result.issues) {
          expect([path, constraint, message, received].map((part) => typeof part)).toEqual(
            Array(4).fill('string'),
          );
          expect(`${path}${message}${received}`).not.toContain('secret');
          expect(message.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('never changes the value', () => {
    const plain = fc.anything({ withDate: true, withTypedArray: true, maxDepth: 3, key });
    fc.assert(
      fc.property(fc.record({ a: plain, b: fc.array(plain), e: plain }, { requiredKeys: [] }), (input) => {
        const before = structuredClone(input);
        parseNow(schemas[0] ?? mustCreate(Root), input);
        expect(input).toEqual(before);
      }),
      { numRuns: 150 },
    );
  });

  it('never pollutes a prototype', () => {
    parseNow(mustCreate(Root), JSON.parse('{"__proto__":{"polluted":1},"e":{"__proto__":{"polluted":1}}}'));
    expect('polluted' in {}).toBe(false);
  });
});

describe('many objects of a declared class', () => {
  class Rows {
    @ValidateNested({ each: true }) @Type(() => Leaf) b!: unknown;
  }
  const many = (item: () => unknown) => Array.from({ length: MAX_INSTANCES + 1 }, item);

  it.each([
    ['objects', () => ({})],
    ['numbers', () => 1],
    ['null', () => null],
  ])('are refused before they are made: %s', (_, item) => {
    for (const issues of [
      issuesOf(mustCreate([Leaf]), many(item)),
      issuesOf(mustCreate(Rows), { b: many(item) }),
      issuesOf(mustCreate(Rows), { b: new Set(many(() => ({}))) }),
    ]) {
      // Items of the root that are no objects fill the answer before.
      expect(issues.at(-1)).toMatchObject({
        path: '',
        constraint: expect.stringMatching(/^max(Instances|Issues)$/),
      });
    }
  });

  it('leave arrays of numbers their own bound', () => {
    class Numbers {
      @IsNumber({}, { each: true }) plain!: number[];
      @IsNumber({}, { each: true }) @Type(() => Number) typed!: number[];
    }
    const numbers = many(() => 1);
    expect(parseNow(mustCreate(Numbers), { plain: numbers, typed: numbers }).ok).toBe(true);
  });

  it('are not judged any more once the answer is full', () => {
    let judged = 0;
    class Counted {
      @ValidateBy({ name: 'counted', validator: { validate: () => ((judged += 1), false) } }) a!: unknown;
    }
    class Nested {
      @ValidateNested({ each: true }) @Type(() => Counted) b!: Counted[];
    }
    const items = Array.from({ length: 5000 }, () => ({ a: 1 }));
    const answers = [issuesOf(mustCreate([Counted]), items), issuesOf(mustCreate(Nested), { b: items })];
    for (const issues of answers) {
      expect(issues).toHaveLength(MAX_ISSUES + 1);
      expect(issues.at(-1)).toMatchObject({ constraint: 'maxIssues' });
    }
    expect(judged).toBe(2 * (MAX_ISSUES + 1));
  });
});

describe('keys that are named like methods', () => {
  class Shape {
    @IsOptional() @IsInt() a?: number;
    @IsOptional() @ValidateNested() @Type(() => Leaf) leaf?: Leaf;
    @IsOptional() @IsInt() get twice(): number | undefined {
      return this.a === undefined ? undefined : this.a * 2;
    }
    area(): number {
      return 1;
    }
  }

  it.each(['toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'area'])('%s is unknown', (key) => {
    const issues = issuesOf(mustCreate(Shape), { a: 1, [key]: 2 });
    expect(brief(issues)).toEqual([`${key} whitelistValidation number`]);
  });

  it('are unknown in a nested object too', () => {
    const issues = issuesOf(mustCreate([Shape]), [{ leaf: { a: 1, toString: 'x' } }]);
    expect(brief(issues)).toEqual(['[0].leaf.toString whitelistValidation string']);
  });

  it('do not replace a getter that has rules', () => {
    const result = parseNow(mustCreate(Shape), { a: 1, twice: 7 });
    expect(result.ok && (result.value as Shape).twice).toBe(2);
  });
});
