import 'reflect-metadata';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { Allow, IsDefined, IsOptional, IsObject, ValidateIf } from 'class-validator';
import fc from 'fast-check';
import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { readClassRules } from '../../../src/schema/readClassRules';
import { RuleStorage } from '../../../src/schema/RuleStorage';
import { createTensorParse } from '../../../src/schema/createTensorParse';
import { IsTensor } from '../../../src/schema/IsTensor';
import { transformerInternals } from '../../../src/schema/transformerInternals';
import type { Constructor } from '../../../src/metadata/Constructor';
import { mustCreate, parseNow } from './mustCreate';

/** The short way of a class, if it has one. */
function shortWayOf(type: Constructor) {
  const internals = transformerInternals();
  if (internals === undefined) throw new Error('no class-transformer');
  const rules = readClassRules(type, new RuleStorage(), internals).get(type);
  return rules && createTensorParse(rules, internals);
}

const Short = (() => {
  class Sample {
    @IsTensor({ dtype: 'float32', shape: [2] }) vector!: unknown;
    @IsDefined() @Allow() @IsTensor({ dtype: 'int64', shape: [-1, 2] }) table!: unknown;
    @IsOptional() @IsTensor({ dtype: 'bool', shape: [] }) flag?: unknown;
  }
  return Sample;
})();

// The same but for a condition that always holds, with which the rules are asked.
const Long = (() => {
  class Sample {
    @IsTensor({ dtype: 'float32', shape: [2] }) @ValidateIf(() => true) vector!: unknown;
    @IsDefined() @Allow() @IsTensor({ dtype: 'int64', shape: [-1, 2] }) table!: unknown;
    @IsOptional() @IsTensor({ dtype: 'bool', shape: [] }) flag?: unknown;
  }
  return Sample;
})();

class Stranger {
  vector = [1, 2];
}
class Derived extends Short {}

const leaf = fc.constantFrom<unknown>(
  0,
  1,
  -1,
  0.5,
  2 ** 53,
  NaN,
  Infinity,
  3n,
  '12',
  'x',
  true,
  null,
  undefined,
);
const array = fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), { maxLength: 3 });
const anything = fc.oneof(
  leaf,
  array,
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.constantFrom<unknown>(Promise.resolve(1), new Date(0), Buffer.from('ab'), () => 1, new Stranger()),
);
const half = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: good }, anything);
const safe = fc.integer({ min: -9, max: 9 });
const vector = half(
  fc.oneof(
    fc.tuple(safe, safe),
    fc.float32Array({ minLength: 2, maxLength: 2 }),
    fc.constantFrom(
      new Tensor('float32', Float32Array.of(1, NaN), [2]),
      new Tensor('float32', Float32Array.of(1), [1]),
      new Tensor('int32', Int32Array.of(1, 2), [2]),
    ),
  ),
);
const table = half(
  fc.oneof(
    fc.array(fc.tuple(safe, fc.constantFrom<unknown>(1n, '2', 3)), { maxLength: 3 }),
    fc.bigInt64Array({ minLength: 2, maxLength: 4 }),
  ),
);
const flag = half(fc.constantFrom(true, false, null, undefined));
const extra = fc.constantFrom(
  'constructor',
  '__proto__',
  'then',
  'other',
  'odd key',
  'toString',
  'x'.repeat(300),
);

type Build = (properties: Record<string, unknown>, more: readonly [string, unknown][]) => unknown;

const define = (target: object, key: string, descriptor: PropertyDescriptor): object =>
  Object.defineProperty(target, key, { enumerable: true, configurable: true, ...descriptor });
const plain: Build = (properties, more) => {
  for (const [key, value] of more) define(properties, key, { value, writable: true });
  return properties;
};
const CONTAINERS: readonly Build[] = [
  plain,
  plain,
  plain,
  (properties) => Object.assign(new Short(), properties),
  (properties) => Object.assign(new Derived(), properties),
  (properties) => Object.assign(new Stranger(), properties),
  (properties) => Object.assign(Object.create(null) as object, properties),
  (properties) => define(properties, 'vector', { get: () => [1, 2] }),
  (properties) =>
    define(properties, 'vector', {
      get: () => {
        throw new Error('secret');
      },
    }),
  (properties) => define({ ...properties }, 'vector', { value: properties.vector, enumerable: false }),
  (properties) => ({ ...properties, [Symbol('s')]: 1 }),
  (properties) => new Map(Object.entries(properties)),
  (properties) => [properties],
  (properties) => Promise.resolve(properties),
  (properties) =>
    new Proxy(properties, {
      ownKeys: () => {
        throw new Error('secret');
      },
    }),
  (properties) => new Proxy(properties, {}),
  (properties) => properties.vector,
  (properties) => JSON.stringify(properties, (_, value: unknown) => (typeof value === 'bigint' ? 1 : value)),
];

const sample = fc
  .record({
    build: fc.constantFrom(...CONTAINERS),
    properties: fc.record({ vector, table, flag }, { requiredKeys: [] }),
    more: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      fc.array(fc.tuple(extra, anything), { maxLength: 2 }),
    ),
  })
  .map(({ build, properties, more }) => build(properties, more));

describe('the short way of a class of tensors', () => {
  it('is there for tensors and nothing else', () => {
    expect(shortWayOf(Short)).toBeTypeOf('function');
    expect(shortWayOf(Derived)).toBeTypeOf('function');
    expect(shortWayOf(Long)).toBeUndefined();
  });

  it('says what the rules say, of every value', () => {
    const short = mustCreate(Short);
    const long = mustCreate(Long);
    let accepted = 0;
    fc.assert(
      fc.property(sample, (value) => {
        const [left, right] = [parseNow(short, value), parseNow(long, value)];
        expect(left.ok).toBe(right.ok);
        if (!left.ok || !right.ok) {
          expect(left).toEqual(right);
          return;
        }
        accepted += 1;
        expect(Object.getPrototypeOf(left.value)).toBe(Short.prototype);
        expect(Object.keys(left.value as object)).toEqual(Object.keys(right.value as object));
        expect({ ...(left.value as object) }).toEqual({ ...(right.value as object) });
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('takes no more elements than the rules do', () => {
    class Wide {
      @IsTensor({ dtype: 'int8', shape: [-1] }) x!: unknown;
    }
    const schema = mustCreate(Wide);
    const at = (length: number): unknown => parseNow(schema, { x: new Array(length).fill(1) });
    expect(at(4_999_999)).toMatchObject({ ok: true });
    expect(at(5_000_000)).toMatchObject({ ok: false, issues: [{ path: 'x', constraint: 'maxNodes' }] });
  });

  it('does not reserve memory for elements that are not there', () => {
    class Ragged {
      @IsTensor({ dtype: 'float64', shape: [-1, -1] }) x!: unknown;
    }
    const x = [new Array(100_000).fill(1), ...Array.from({ length: 100_000 }, () => [])];
    expect(parseNow(mustCreate(Ragged), { x })).toMatchObject({
      ok: false,
      issues: [{ path: 'x[1]', constraint: 'isTensor' }],
    });
  });

  const tensor = IsTensor({ dtype: 'int8', shape: [1] });
  class WithDefault {
    x: unknown = [1];
  }
  class WithTransform {
    @Transform(({ value }: { value: unknown }) => value) x!: unknown;
  }
  class WithType {
    @Type(() => Number) x!: unknown;
  }
  class WithExpose {
    @Expose() x!: unknown;
  }
  class WithExclude {
    x!: unknown;
    @Exclude() y!: unknown;
  }
  class WithMore {
    @IsObject() x!: unknown;
  }
  class WithAnother {
    x!: unknown;
    @IsOptional() y!: unknown;
  }
  class WithThen {
    x!: unknown;
    then(): void {}
  }
  class WithAccessor {
    get x(): unknown {
      return undefined;
    }
  }
  it.each([
    WithDefault,
    WithTransform,
    WithType,
    WithExpose,
    WithExclude,
    WithMore,
    WithAnother,
    WithThen,
    WithAccessor,
  ])('is not there for more than that: %o', (type) => {
    tensor(type.prototype, 'x');
    expect(shortWayOf(type)).toBeUndefined();
  });
});
