import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import type { SchemaDescription } from '../../../src/schema/SchemaDescription';
import { mayHoldTensors, nestTensors } from '../../../src/schema/nestTensors';
import { TensorNotJsonError, tensorToNested } from '../../../src/schema/tensorToNested';

describe('a tensor as nested arrays', () => {
  it.each<[string, Tensor, unknown]>([
    [
      'two dimensions',
      new Tensor('float32', Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ['three', new Tensor('int8', Int8Array.of(1, 2, 3, 4), [2, 1, 2]), [[[1, 2]], [[3, 4]]]],
    ['none', new Tensor('float64', Float64Array.of(0.1), []), 0.1],
    ['no elements', new Tensor('float32', new Float32Array(), [0, 4]), []],
    ['empty rows', new Tensor('float32', new Float32Array(), [2, 0]), [[], []]],
    ['booleans', new Tensor('bool', Uint8Array.of(1, 0), [2]), [true, false]],
    ['text', new Tensor('string', ['a', 'b'], [2]), ['a', 'b']],
    ['half precision', new Tensor('float16', Uint16Array.of(0x3c00, 0x0001), [2]), [1, 2 ** -24]],
    [
      'large integers',
      new Tensor('int64', BigInt64Array.of(5n, -(2n ** 53n) + 1n, 2n ** 53n, -(2n ** 63n)), [4]),
      [5, -(2 ** 53) + 1, '9007199254740992', '-9223372036854775808'],
    ],
  ])('of %s', (_, tensor, nested) => {
    expect(tensorToNested(tensor)).toEqual(nested);
  });

  it.each([NaN, Infinity, -Infinity])('cannot have %d', (number) => {
    const tensor = new Tensor('float32', Float32Array.of(1, 2, 3, number, 5, 6), [3, 2]);
    try {
      tensorToNested(tensor);
    } catch (error) {
      expect(error).toBeInstanceOf(TensorNotJsonError);
      expect((error as TensorNotJsonError).path).toEqual([1, 1]);
      return;
    }
    throw new Error('nothing was thrown');
  });
});

describe('a value with tensors', () => {
  const tensor = new Tensor('int8', Int8Array.of(1, 2), [2]);

  it('has nested arrays in their place, and is itself not changed', () => {
    class Output {
      scores = tensor;
      rows = [{ mask: tensor, name: 'a' }, 'b', null];
      when = new Date(0);
      kept = { deep: [1, 2] };
    }
    const output = new Output();
    const nested = nestTensors(output) as Output;
    expect(JSON.parse(JSON.stringify(nested))).toEqual({
      scores: [1, 2],
      rows: [{ mask: [1, 2], name: 'a' }, 'b', null],
      when: '1970-01-01T00:00:00.000Z',
      kept: { deep: [1, 2] },
    });
    expect(output.scores).toBe(tensor);
    expect(nested.kept).toBe(output.kept);
    expect(nestTensors(tensor)).toEqual([1, 2]);
  });

  it.each([1, null, undefined, 'text', [1, 2], { a: { b: [] } }, new Date(), Buffer.from('x')])(
    'without any is given back: %j',
    (value) => {
      expect(nestTensors(value)).toBe(value);
    },
  );

  it('may hold itself, or one tensor many times', () => {
    const loop: Record<string, unknown> = { tensor };
    loop.left = loop;
    loop.right = [loop, loop];
    expect(() => JSON.stringify(nestTensors(loop))).toThrow(TypeError);
    expect(nestTensors([tensor, tensor])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('names the place of what is no number', () => {
    const wrong = new Tensor('float32', Float32Array.of(0, NaN), [2, 1]);
    try {
      nestTensors({ rows: [1, { scores: wrong }] });
    } catch (error) {
      expect((error as TensorNotJsonError).path).toEqual(['rows', 1, 'scores', 1, 0]);
      return;
    }
    throw new Error('nothing was thrown');
  });
});

describe('the walk that looks for tensors', () => {
  const field = (value: NonNullable<SchemaDescription['fields']>[number]['value']) =>
    ({ kind: 'class', fields: [{ name: 'x', property: 'x', optional: false, value }] }) as const;

  it.each<[boolean, Pick<SchemaDescription, 'kind' | 'fields'>]>([
    [true, { kind: 'unvalidated' }],
    [true, { kind: 'array' }],
    [true, field({ kind: 'tensor', dtype: 'int8', shape: [] })],
    [true, field({ kind: 'other', reason: 'its values are objects' })],
    [true, { kind: 'class' }],
    [false, field({ kind: 'number', array: true })],
    [false, { kind: 'primitive' }],
    [false, { kind: 'binary' }],
  ])('is needed (%s) for %j', (needed, description) => {
    expect(mayHoldTensors(description)).toBe(needed);
  });
});

describe('typed arrays', () => {
  it('are arrays in JSON, large integers as text where a number cannot hold them', () => {
    const value = {
      probabilities: Float32Array.of(0.5, 0.25),
      ids: BigInt64Array.of(7n, 2n ** 60n),
      bytes: Uint8Array.of(1),
    };
    expect(nestTensors(value)).toEqual({
      probabilities: [0.5, 0.25],
      ids: [7, String(2n ** 60n)],
      bytes: [1],
    });
    expect(nestTensors(Float64Array.of(1, 2))).toEqual([1, 2]);
    expect(value.probabilities).toBeInstanceOf(Float32Array);
  });

  it('are refused where they hold what JSON has no number for', () => {
    expect(() => nestTensors({ a: [Float32Array.of(1, NaN)] })).toThrow(
      expect.objectContaining({ path: ['a', 0, 1] }),
    );
  });

  it('leaves buffers, which say themselves what they are', () => {
    const buffer = Buffer.from('x');
    expect(nestTensors({ buffer })).toEqual({ buffer });
  });
});
