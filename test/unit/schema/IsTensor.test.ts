import 'reflect-metadata';
import { Expose, Transform, Type } from 'class-transformer';
import { IsNumber, IsOptional, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { Tensor } from 'onnxruntime-common';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { IsTensor } from '../../../src/schema/IsTensor';
import { TENSOR_ELEMENTS } from '../../../src/schema/tensorElements';
import { tensorToNested } from '../../../src/schema/tensorToNested';
import type { TensorType } from '../../../src/schema/TensorType';
import { brief, issuesOf, mustCreate, valueOf } from './mustCreate';

/** A schema of a class whose property `x` is a tensor; the second one goes the long way. */
function schemasOf(dtype: TensorType, shape: readonly number[]) {
  class Short {
    x!: unknown;
  }
  IsTensor({ dtype, shape })(Short.prototype, 'x');
  class Long {
    x!: unknown;
  }
  IsTensor({ dtype, shape })(Long.prototype, 'x');
  Transform(({ value }: { value: unknown }) => value)(Long.prototype, 'x');
  return [mustCreate(Short), mustCreate(Long)] as const;
}

/** What both ways make of a value; they must agree. */
function read(dtype: TensorType, shape: readonly number[], x: unknown): Tensor {
  const [short, long] = schemasOf(dtype, shape).map((schema) => (valueOf(schema, { x }) as { x: Tensor }).x);
  if (short === undefined || long === undefined) throw new Error('no value');
  expect([short.type, short.dims, short.data]).toEqual([long.type, long.dims, long.data]);
  return short;
}

function refusal(dtype: TensorType, shape: readonly number[], x: unknown): string[] {
  const [short, long] = schemasOf(dtype, shape).map((schema) => issuesOf(schema, { x }));
  expect(short).toEqual(long);
  expect(short?.map(({ constraint }) => constraint)).toEqual(['isTensor']);
  return (short ?? []).map(({ path, message, received }) => `${path} | ${message} | ${received}`);
}

describe('a property with @IsTensor', () => {
  it.each<[string, TensorType, number[], unknown, number[], unknown]>([
    ['a flat array', 'float32', [4], [5.5, 3, -0, 1e-3], [4], Float32Array.of(5.5, 3, -0, 1e-3)],
    [
      'nested arrays',
      'int32',
      [2, 3],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [2, 3],
      Int32Array.of(1, 2, 3, 4, 5, 6),
    ],
    ['a free dimension', 'uint8', [-1, 2], [[1, 2]], [1, 2], Uint8Array.of(1, 2)],
    ['none of a free dimension', 'uint8', [-1, 2], [], [0, 2], new Uint8Array()],
    ['free dimensions only', 'float64', [-1, -1], [[], []], [2, 0], new Float64Array()],
    ['a scalar', 'float64', [], 2.5, [], Float64Array.of(2.5)],
    ['a scalar of text', 'string', [], 'one', [], ['one']],
    ['booleans', 'bool', [2], [true, false], [2], Uint8Array.of(1, 0)],
    ['text', 'string', [-1], ['a', ''], [2], ['a', '']],
    [
      'large integers in any form',
      'int64',
      [4],
      [7, -7n, '9223372036854775807', '-9223372036854775808'],
      [4],
      BigInt64Array.of(7n, -7n, 2n ** 63n - 1n, -(2n ** 63n)),
    ],
    [
      'unsigned large integers',
      'uint64',
      [1],
      [String(2n ** 64n - 1n)],
      [1],
      BigUint64Array.of(2n ** 64n - 1n),
    ],
    ['half precision', 'float16', [3], [1, -2, 65504], [3], Uint16Array.of(0x3c00, 0xc000, 0x7bff)],
    [
      'the largest float32, as it is printed',
      'float32',
      [1],
      [3.4028235e38],
      [1],
      Float32Array.of(3.4028235e38),
    ],
    [
      'a typed array with a free dimension',
      'float32',
      [-1, 2],
      new Float32Array(6),
      [3, 2],
      new Float32Array(6),
    ],
    ['a typed array of a whole shape', 'int8', [2, 2], new Int8Array(4), [2, 2], new Int8Array(4)],
    ['a typed array of one scalar', 'float32', [], Float32Array.of(NaN), [], Float32Array.of(NaN)],
    ['bits of half precision', 'float16', [2], Uint16Array.of(1, 2), [2], Uint16Array.of(1, 2)],
    ['a buffer', 'uint8', [2], Buffer.from([1, 2]), [2], Buffer.from([1, 2])],
  ])('takes %s', (_, dtype, shape, x, dims, data) => {
    const tensor = read(dtype, shape, x);
    expect(tensor.type).toBe(dtype);
    expect(tensor.dims).toEqual(dims);
    if (!('Float16Array' in globalThis && dtype === 'float16')) expect(tensor.data).toEqual(data);
    expect(tensor).toBeInstanceOf(commonJs.Tensor);
  });

  it.each<[string, TensorType, number[], unknown, string]>([
    ['too few', 'float32', [4], [1, 2, 3], 'x | received shape [3] | array'],
    ['too many levels', 'float32', [2], [[1], [2]], 'x[0] | this is not a value of float32 | array'],
    [
      'too few levels',
      'float32',
      [-1, 2],
      [1, 2],
      'x[0] | received shape [2], and this row is no array | number',
    ],
    [
      'a ragged array',
      'float32',
      [-1, 2],
      [[1, 2], [3]],
      'x[1] | received shape [2, 2], and this row has length 1 | array',
    ],
    [
      'a ragged array of free dimensions',
      'float32',
      [2, -1, -1],
      [[[1]], [[1], [2]]],
      'x[1] | received shape [2, 1, 1], and this row has length 2 | array',
    ],
    [
      'a deeply ragged array',
      'int8',
      [2, 2, -1],
      [
        [[1], [1]],
        [[1], [1, 2]],
      ],
      'x[1][1] | received shape [2, 2, 1], and this row has length 2 | array',
    ],
    [
      'a row that is text',
      'string',
      [-1, 2],
      [['a', 'b'], 'ab'],
      'x[1] | received shape [2, 2], and this row is no array | string',
    ],
    [
      'a wrong element',
      'float32',
      [2, 2],
      [
        [1, 2],
        [3, '4'],
      ],
      'x[1][1] | this is not a value of float32 | string',
    ],
    ['a hole', 'float32', [2], [1, , 2].slice(0, 2), 'x[1] | this is not a value of float32 | undefined'], // eslint-disable-line no-sparse-arrays
    ['an object as an element', 'float32', [1], [new Map()], 'x[0] | this is not a value of float32 | Map'],
    ['a fraction', 'int32', [1], [1.5], 'x[0] | this is not a value of int32 | number'],
    ['a number out of range', 'uint8', [1], [256], 'x[0] | this is not a value of uint8 | number'],
    ['a number below the range', 'int16', [1], [-32_769], 'x[0] | this is not a value of int16 | number'],
    ['what would be infinite', 'float32', [1], [3.5e38], 'x[0] | this is not a value of float32 | number'],
    [
      'what would be infinite in half precision',
      'float16',
      [1],
      [65_520],
      'x[0] | this is not a value of float16 | number',
    ],
    ['NaN in an array', 'float64', [1], [NaN], 'x[0] | this is not a value of float64 | NaN'],
    ['an unsafe integer', 'int64', [1], [2 ** 53], 'x[0] | this is not a value of int64 | number'],
    ['an integer beyond 64 bits', 'int64', [1], [2n ** 63n], 'x[0] | this is not a value of int64 | bigint'],
    ['text that is no integer', 'int64', [1], ['0x10'], 'x[0] | this is not a value of int64 | string'],
    ['0 for a boolean', 'bool', [1], [0], 'x[0] | this is not a value of bool | number'],
    ['an array for a scalar', 'float32', [], [1], 'x | received shape [1] | array'],
    ['text for a scalar', 'float32', [], '1', 'x | this is not a value of float32 | string'],
    ['an object', 'float32', [1], { 0: 1 }, 'x | received neither nested arrays nor a tensor | object'],
    ['null', 'float32', [1], null, 'x | received neither nested arrays nor a tensor | null'],
    ['nothing', 'float32', [1], undefined, 'x | received neither nested arrays nor a tensor | undefined'],
    [
      'bits of another type',
      'float32',
      [1],
      new Float64Array(1),
      'x | received an array of another type | Float64Array',
    ],
    [
      'a typed array of the wrong length',
      'int8',
      [2, -1],
      new Int8Array(3),
      'x | received an array of length 3 | Int8Array',
    ],
    [
      'bytes that are no booleans',
      'bool',
      [1],
      Uint8Array.of(2),
      'x | received bytes other than 0 and 1 | Uint8Array',
    ],
    [
      'a typed array for two free dimensions',
      'int8',
      [-1, -1],
      new Int8Array(4),
      'x | received an array without a shape, which leaves more than one dimension open | Int8Array',
    ],
    [
      'a tensor of another shape',
      'float32',
      [4],
      new Tensor('float32', new Float32Array(3), [3]),
      'x | received float32 of shape [3] | Tensor',
    ],
    [
      'a tensor of another type',
      'float32',
      [1],
      new Tensor('float64', new Float64Array(1), [1]),
      'x | received float64 of shape [1] | Tensor',
    ],
    [
      'an object that looks like a tensor',
      'float32',
      [1],
      { type: 'float32', dims: [1], data: new Float32Array(1), location: 'cpu' },
      'x | received neither nested arrays nor a tensor | object',
    ],
  ])('refuses %s', (_, dtype, shape, x, expected) => {
    const prefix = `x must be a ${dtype} tensor of shape [${shape.join(', ')}]: `;
    expect(refusal(dtype, shape, x).map((issue) => issue.replace(prefix, ''))).toEqual([expected]);
  });

  const commonJs = createRequire(`${process.cwd()}/package.json`)('onnxruntime-common') as {
    Tensor: typeof Tensor;
  };

  it('keeps a tensor of any copy of the library as it is, in both directions', () => {
    const [short, long] = schemasOf('float32', [-1]);
    expect(commonJs.Tensor).not.toBe(Tensor);
    for (const Copy of [Tensor, commonJs.Tensor]) {
      const x = new Copy('float32', Float32Array.of(NaN, 1), [2]);
      expect((valueOf(short, { x }) as { x: unknown }).x).toBe(x);
      expect((valueOf(long, { x }) as { x: unknown }).x).toBe(x);
    }
  });

  it('does not take a tensor that was disposed of', () => {
    const x = new Tensor('float32', Float32Array.of(1), [1]);
    x.dispose();
    expect(refusal('float32', [1], x)).toHaveLength(1);
  });

  it('takes the bytes of a typed array as they are', () => {
    const x = Float32Array.of(1, 2);
    expect(read('float32', [2], x).data).toBe(x);
  });

  it('neither changes nor keeps the arrays of the caller', () => {
    const x = [
      [1, 2],
      [3, 4],
    ];
    const tensor = read('float32', [2, 2], x);
    x[0]?.fill(9);
    expect(tensor.data).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(x[1]).toEqual([3, 4]);
  });

  it('gives back what JSON holds, whatever the type and the shape', () => {
    const element: Record<TensorType, fc.Arbitrary<unknown>> = {
      float32: fc.float({ noNaN: true, noDefaultInfinity: true }),
      float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
      float16: fc.integer({ min: -2048, max: 2048 }),
      int8: fc.integer({ min: -128, max: 127 }),
      uint8: fc.integer({ min: 0, max: 255 }),
      int16: fc.integer({ min: -32_768, max: 32_767 }),
      uint16: fc.integer({ min: 0, max: 65_535 }),
      int32: fc.integer(),
      uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      int64: fc.oneof(fc.maxSafeInteger(), fc.bigInt(2n ** 53n, 2n ** 63n - 1n).map(String)),
      uint64: fc.oneof(fc.maxSafeNat(), fc.bigInt(2n ** 53n, 2n ** 64n - 1n).map(String)),
      bool: fc.boolean(),
      string: fc.string(),
    };
    const nested = (dims: readonly number[], leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
      dims.reduceRight((items, size) => fc.array(items, { minLength: size, maxLength: size }), leaf);
    const sample = fc
      .record({
        dtype: fc.constantFrom(...(Object.keys(TENSOR_ELEMENTS) as TensorType[])),
        dims: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
        free: fc.infiniteStream(fc.boolean()),
      })
      .chain(({ dtype, dims, free }) =>
        fc.record({
          dtype: fc.constant(dtype),
          dims: fc.constant(dims),
          shape: fc.constant(dims.map((size) => (free.next().value === true ? -1 : size))),
          x: nested(dims, element[dtype]),
        }),
      );
    fc.assert(
      fc.property(sample, ({ dtype, dims, shape, x }) => {
        const tensor = read(dtype, shape, x);
        expect(tensor.dims).toEqual(dims);
        expect(tensorToNested(tensor)).toEqual(x);
      }),
      { numRuns: 150 },
    );
  });
});

describe('@IsTensor among other decorators', () => {
  class Patch {
    @IsTensor({ dtype: 'float32', shape: [2] }) values!: Tensor;
  }
  class Sample {
    @IsOptional() @IsTensor({ dtype: 'float32', shape: [1] }) mask?: Tensor | null;
    @Expose({ name: 'input_ids' }) @IsTensor({ dtype: 'int64', shape: [-1] }) ids!: Tensor;
    @ValidateNested({ each: true }) @Type(() => Patch) patches!: Patch[];
    @IsNumber() scale!: number;
  }
  const schema = mustCreate(Sample);
  const good = { input_ids: [1, '2'], patches: [{ values: [1, 2] }], scale: 2 };

  it('makes tensors of nested classes and of renamed properties', () => {
    const value = valueOf(schema, good) as Sample;
    expect(value.ids.data).toEqual(BigInt64Array.of(1n, 2n));
    expect(value.patches[0]?.values.data).toEqual(Float32Array.of(1, 2));
    expect('mask' in value && value.mask !== undefined).toBe(false);
    expect((valueOf(schema, { ...good, mask: null }) as Sample).mask).toBeNull();
  });

  it('names the place in nested and renamed ones', () => {
    const value = { ...good, mask: [1, 2], input_ids: [1, 'x'], patches: [{ values: [1, new Date()] }] };
    expect(brief(issuesOf(schema, value)).sort()).toEqual([
      'ids[1] isTensor string',
      'mask isTensor array',
      'patches[0].values[1] isTensor Date',
    ]);
  });

  it('makes tensors of what a transformation gives', () => {
    class Scaled {
      @Transform(({ value }: { value: number[] }) => value.map((item) => item / 255))
      @IsTensor({ dtype: 'float32', shape: [2] })
      pixels!: Tensor;
    }
    const value = valueOf(mustCreate(Scaled), { pixels: [0, 255] }) as Scaled;
    expect(value.pixels.data).toEqual(Float32Array.of(0, 1));
  });

  it('judges an array of a class', () => {
    const rows = mustCreate([Patch]);
    expect((valueOf(rows, [{ values: [1, 2] }]) as Patch[])[0]?.values).toBeInstanceOf(Object);
    expect(brief(issuesOf(rows, [{ values: [1, 2] }, { values: [1] }]))).toEqual([
      '[1].values isTensor array',
    ]);
  });

  it('is nested arrays in JSON Schema', () => {
    const { properties, required } = schema.jsonSchema() as {
      properties: Record<string, unknown>;
      required: string[];
    };
    expect(required).toEqual(['input_ids', 'scale']);
    expect(properties.mask).toEqual({
      type: ['array', 'null'],
      minItems: 1,
      maxItems: 1,
      items: { type: 'number' },
    });
    expect(properties.input_ids).toEqual({
      type: 'array',
      items: { type: ['integer', 'string'], pattern: '^-?[0-9]{1,20}$' },
    });
    class Grid {
      @IsTensor({ dtype: 'uint8', shape: [2, -1] }) grid!: Tensor;
    }
    expect(mustCreate(Grid).jsonSchema().properties).toEqual({
      grid: {
        type: 'array',
        minItems: 2,
        maxItems: 2,
        items: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 255 } },
      },
    });
  });
});

describe('the options of @IsTensor', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown type', { dtype: 'float', shape: [1] }, /`dtype`.*float32/],
    ['a name of every object', { dtype: 'toString', shape: [1] }, /`dtype`/],
    ['no type', { shape: [1] }, /`dtype`/],
    ['no shape', { dtype: 'int8' }, /`shape`.*-1/],
    ['a size of zero', { dtype: 'int8', shape: [0] }, /`shape`/],
    ['a fraction', { dtype: 'int8', shape: [1.5] }, /`shape`/],
    ['another free dimension', { dtype: 'int8', shape: ['n'] }, /`shape`/],
    ['too many dimensions', { dtype: 'int8', shape: new Array(33).fill(1) }, /`shape`/],
    ['an unknown option', { dtype: 'int8', shape: [1], each: true }, /`each`/],
    ['nothing', undefined, /undefined/],
  ])('must not be %s', (_, options, message) => {
    const thrown = thrownBy(() => IsTensor(options as never));
    expect(RunwrightError.is(thrown) && thrown.code).toBe('RW_OPTION_INVALID');
    expect((thrown as Error).message).toMatch(message);
  });

  it('are copied', () => {
    const shape = [2];
    class Copied {
      x!: unknown;
    }
    IsTensor({ dtype: 'int8', shape })(Copied.prototype, 'x');
    shape[0] = 3;
    expect(issuesOf(mustCreate(Copied), { x: [1, 2] })).toEqual([]);
  });

  it('do not reach a decorator that TC39 calls, a static property or a symbol', () => {
    const decorate = IsTensor({ dtype: 'int8', shape: [1] }) as (...args: unknown[]) => void;
    class Host {}
    const tc39 = thrownBy(() => decorate(undefined, { kind: 'field', name: 'x' }));
    expect(RunwrightError.is(tc39) && tc39.code).toBe('RW_DECORATOR_TC39');
    for (const args of [
      [Host, 'x'],
      [Host.prototype, Symbol('x')],
    ]) {
      const thrown = thrownBy(() => decorate(...args));
      expect(RunwrightError.is(thrown) && thrown.code).toBe('RW_OPTION_INVALID');
    }
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
