import 'reflect-metadata';
import { IsNumber } from 'class-validator';
import { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { IsTensor } from '../../../../src/schema/IsTensor';
import { toJson } from '../../../../src/server/exchange/toJson';
import { mustCreate } from '../../schema/mustCreate';
import { Unvalidated } from '../../../../src/schema/Unvalidated';

class Scores {
  @IsTensor({ dtype: 'float32', shape: [-1] }) scores!: Tensor;
}
class Plain {
  @IsNumber() value!: number;
}
const of = (type: unknown) => ({ output: mustCreate(type), outputWhere: 'Model.answer' });
const tensor = (...values: number[]) => new Tensor('float32', Float32Array.from(values), [values.length]);

describe('an output as JSON text', () => {
  it('has nested arrays for tensors, wherever the type lets them be', () => {
    expect(toJson({ scores: tensor(1, 2) }, of(Scores))).toBe('{"scores":[1,2]}');
    expect(toJson([{ scores: tensor(1) }], of([Scores]))).toBe('[{"scores":[1]}]');
    expect(toJson({ deep: { a: [tensor(3)] } }, of(Unvalidated))).toBe('{"deep":{"a":[[3]]}}');
    expect(toJson({ value: 1 }, of(Plain))).toBe('{"value":1}');
    expect(toJson(undefined, of(Unvalidated))).toBe('null');
  });

  it('cannot have a NaN out of a tensor, and says where it was', () => {
    expect(() => toJson({ scores: tensor(1, NaN) }, of(Scores))).toThrow(
      expect.objectContaining({
        code: 'RW_OUTPUT_INVALID',
        issues: [
          {
            path: 'scores[1]',
            constraint: 'json',
            message: 'NaN and infinities are not JSON numbers',
            received: 'number',
          },
        ],
      }),
    );
  });
});
