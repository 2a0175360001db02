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
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ISSUES } from '../../../src/schema/IssueList';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import { mustCreate, parseNow } from './mustCreate';

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
