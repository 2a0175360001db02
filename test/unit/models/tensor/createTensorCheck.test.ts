import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createTensorCheck } from '../../../../src/models/tensor/createTensorCheck';
import type { ModelTensor } from '../../../../src/models/tensor/ModelSignature';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { tensor } from './tensor';

const input = (name: string, dtype: ModelTensor['dtype'], shape: ModelTensor['shape']): ModelTensor => ({
  name,
  dtype,
  shape,
});

/** What a check of these inputs says; `undefined` when it is content. */
function judge(inputs: readonly ModelTensor[], given: unknown, batch = false): string | undefined {
  try {
    createTensorCheck({ inputs, batch }, 'm.onnx')(given as TensorRecord);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'RW_TENSOR_INVALID' });
    return (error as Error).message;
  }
}

const FEATURES = [input('features', 'float32', ['rows', 4])];

describe('createTensorCheck', () => {
  it('takes what fits, also an empty batch and other sizes the next time', () => {
    const check = createTensorCheck({ inputs: FEATURES, batch: true }, 'm.onnx');
    for (const rows of [1, 3, 0, 2]) {
      check({ features: tensor('float32', new Array<number>(rows * 4).fill(0), [rows, 4]) });
    }
  });

  it('names a missing input with what it should be', () => {
    expect(judge(FEATURES, {})).toBe(
      'm.onnx, input "features": the input is missing: float32 [rows, 4] is expected. The inputs are "features".',
    );
  });

  it('names an unknown input', () => {
    const given = { features: tensor('float32', [1, 2, 3, 4], [1, 4]), more: 1 };
    expect(judge(FEATURES, given)).toBe(
      'm.onnx, input "more": the model has no such input. The inputs are "features".',
    );
  });

  it('says which item of several it is', () => {
    const check = createTensorCheck({ inputs: FEATURES, batch: true }, 'm.onnx');
    expect(() => check({}, 3)).toThrow('m.onnx, item 3, input "features"');
  });

  it.each([
    [
      'the type',
      tensor('float64', [1, 2, 3, 4], [1, 4]),
      'received float64 [1, 4]. Make its elements float32.',
    ],
    ['the rank', tensor('float32', [1, 2, 3, 4], [4]), 'received float32 [4]. Give it 2 dimensions.'],
    ['a fixed size', tensor('float32', [1, 2, 3], [1, 3]), 'received float32 [1, 3]. Make dimension 1 4.'],
  ])('says what is wrong with %s', (_, given, said) => {
    expect(judge(FEATURES, { features: given })).toBe(
      `m.onnx, input "features": expected float32 [rows, 4], ${said}`,
    );
  });

  it.each([
    ['no object', null],
    ['a bare tensor', tensor('float32', [1, 2, 3, 4], [1, 4])],
    ['nested arrays', { features: [[1, 2, 3, 4]] }],
    [
      'a plain object that looks like a tensor',
      { features: { type: 'float32', dims: [1, 4], data: new Float32Array(4) } },
    ],
    ['undefined', undefined],
  ])('refuses %s', (_, given) => {
    expect(judge(FEATURES, given)).toBeDefined();
  });

  it('asks for one size wherever a name stands, within an input and across inputs', () => {
    const square = [input('x', 'float32', ['n', 'n'])];
    expect(judge(square, { x: tensor('float32', [1, 2, 3, 4], [2, 2]) })).toBeUndefined();
    expect(judge(square, { x: tensor('float32', [1, 2], [1, 2]) })).toContain(
      'Make dimension 1 as large as "n" is elsewhere in these inputs, 1',
    );
    const pair = [input('a', 'float32', ['n']), input('b', 'float32', ['m', 'n'])];
    const a = tensor('float32', [1, 2], [2]);
    expect(judge(pair, { a, b: tensor('float32', [1, 2, 3, 4, 5, 6], [3, 2]) })).toBeUndefined();
    expect(judge(pair, { a, b: tensor('float32', [1, 2, 3], [1, 3]) })).toBe(
      'm.onnx, input "b": expected float32 [m, n], received float32 [1, 3]. Make dimension 1 as large as "n" is elsewhere in these inputs, 2.',
    );
  });

  it('lets dimensions without a name differ, but not the rows of a batch', () => {
    const pair = [input('a', 'float32', ['']), input('b', 'float32', [''])];
    const given = { a: tensor('float32', [1, 2], [2]), b: tensor('float32', [1], [1]) };
    expect(judge(pair, given)).toBeUndefined();
    expect(judge(pair, given, true)).toContain(
      'Make dimension 0 as large as the number of rows is elsewhere',
    );
    const named = [input('a', 'float32', ['n']), input('b', 'float32', ['m'])];
    expect(judge(named, given)).toBeUndefined();
    expect(judge(named, given, true)).toContain('Make dimension 0 as large as');
  });

  it('judges scalars and any shape', () => {
    const scalar = [input('x', 'bool', [])];
    expect(judge(scalar, { x: tensor('bool', [1], []) })).toBeUndefined();
    expect(judge(scalar, { x: tensor('bool', [1], [1]) })).toContain('expected bool [], received bool [1]');
    const any: ModelTensor[] = [{ ...input('x', 'float32', []), anyShape: true }];
    expect(judge(any, { x: tensor('float32', [1, 2], [1, 1, 2]) })).toBeUndefined();
    expect(judge(any, { x: tensor('int32', [1, 2], [2]) })).toContain('expected float32 of any shape');
  });

  it('does not believe dimensions that were changed after the tensor was made', () => {
    const changed = (dims: number[]): TensorRecord => {
      const x = tensor('float32', [1, 2, 3, 4], [1, 4]);
      (x.dims as number[]).splice(0, 2, ...dims);
      return { features: x };
    };
    expect(judge(FEATURES, changed([2, 4]))).toContain(
      'with 4 elements. Give it the 8 elements of its shape',
    );
    expect(judge(FEATURES, changed([0.5, 4]))).toContain('Make dimension 0 a whole number');
    const free = [input('features', 'float32', ['', ''])];
    expect(judge(free, changed([-1, -4]))).toContain('Make dimension 0 a whole number');
  });

  it('refuses data that is gone, of another kind, or too long', () => {
    const gone = tensor('float32', [1, 2, 3, 4], [1, 4]);
    gone.dispose();
    expect(judge(FEATURES, { features: gone })).toContain('whose data is not in memory');
    const moved = tensor('float32', [1, 2, 3, 4], [1, 4]);
    const { buffer } = moved.data as Float32Array<ArrayBuffer>;
    structuredClone(buffer, { transfer: [buffer] });
    expect(judge(FEATURES, { features: moved })).toContain('with 0 elements');
    class Impostor {
      readonly type = 'float32';
      readonly dims = [1, 4];
      readonly location = 'cpu';
      readonly data = new Float64Array(4);
    }
    expect(judge(FEATURES, { features: new Impostor() })).toContain(
      'over Float64Array. Keep its elements in a Float32Array',
    );
  });

  it('takes typed arrays of another realm', () => {
    const data = runInNewContext('new Float32Array(4)') as Float32Array;
    const x = tensor('float32', [0, 0, 0, 0], [1, 4]);
    Object.defineProperty(x, 'data', { value: data });
    expect(judge(FEATURES, { features: x })).toBeUndefined();
  });

  it('refuses texts with NUL and elements that are no texts, without showing them', () => {
    const words = [input('words', 'string', ['n'])];
    expect(judge(words, { words: tensor('string', ['a', 'ü', ''], [3]) })).toBeUndefined();
    const nul = judge(words, { words: tensor('string', ['a', 'secret\0b'], [2]) });
    expect(nul).toContain('a NUL in element 1, where onnxruntime would cut the text');
    expect(nul).not.toContain('secret');
    expect(judge(words, { words: tensor('string', ['a', 5], [2]) })).toContain('element 1 is number');
  });
});
