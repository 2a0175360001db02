import 'reflect-metadata';
import { Allow, IsArray, IsDate, IsIn, IsInt, IsNumber, IsOptional, IsString } from 'class-validator';
import type { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import type { OipOptions } from '../../../../src/metadata/options';
import type { TypeRef } from '../../../../src/metadata/TypeRef';
import type { RunnerDescription } from '../../../../src/scanner/RunnerDefinition';
import { scanRunner } from '../../../../src/scanner/scanRunner';
import { IsFile } from '../../../../src/schema/IsFile';
import { IsTensor } from '../../../../src/schema/IsTensor';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import type { UploadedFile } from '../../../../src/schema/UploadedFile';
import { tensorSignature, type TensorSide } from '../../../../src/server/oip/tensorSignature';

interface Options {
  readonly output?: TypeRef;
  readonly oip?: OipOptions;
}

const describeRunner = (input: TypeRef, { output = Number, oip = {} }: Options = {}): RunnerDescription => {
  @Runner({ name: 'any', oip })
  class Any {
    @Predict({ input, output }) predict(_model: unknown, _input: unknown): unknown {
      return undefined;
    }
  }
  return scanRunner(Any);
};

@Runner({ name: 'stream' })
class Stream {
  @Predict({ input: Number, output: Number, stream: true }) async *predict() {
    yield await Promise.resolve(1);
  }
}

const tensorsOf = (side: TensorSide): string[] =>
  side.tensors.map(
    ({ name, datatype, shape, optional }) => `${name}${optional ? '?' : ''} ${datatype} [${shape.join()}]`,
  );

const inputsOf = (input: TypeRef, options?: Options): string[] => {
  const signature = tensorSignature(describeRunner(input, options));
  if (!signature.ok) throw new Error(signature.reason);
  return tensorsOf(signature.input);
};

class Mixed {
  @IsTensor({ dtype: 'float16', shape: [3, -1] }) tensor!: Tensor;
  @IsTensor({ dtype: 'uint64', shape: [] }) scalar!: Tensor;
  @IsOptional() @IsNumber() number?: number;
  @IsInt() integer!: number;
  @IsIn(['a', 'b']) choice!: string;
  @IsArray() @IsString({ each: true }) texts!: string[];
}
class Dated {
  @IsNumber() value!: number;
  @IsDate() when!: Date;
}
class Anything {
  @Allow() value!: unknown;
}
class Picture {
  @IsFile() image!: UploadedFile;
}

describe('tensorSignature', () => {
  it('puts the dimension of the items first', () => {
    expect(inputsOf(Mixed)).toEqual([
      'tensor FP16 [-1,3,-1]',
      'scalar UINT64 [-1]',
      'number? FP64 [-1]',
      'integer INT64 [-1]',
      'choice BYTES [-1]',
      'texts BYTES [-1,-1]',
    ]);
  });

  it('takes shapes as they are where items cannot be batched', () => {
    expect(inputsOf(Mixed, { oip: { batch: false } })).toEqual([
      'tensor FP16 [3,-1]',
      'scalar UINT64 []',
      'number? FP64 [1]',
      'integer INT64 [1]',
      'choice BYTES [1]',
      'texts BYTES [-1]',
    ]);
  });

  it.each([
    [Number, 'input FP64 [-1]'],
    [String, 'input BYTES [-1]'],
    [Boolean, 'input BOOL [-1]'],
    [Uint8Array, 'input BYTES [-1]'],
  ])('names the only tensor of %o', (type, tensor) => {
    expect(inputsOf(type as TypeRef)).toEqual([tensor]);
  });

  it.each<[string, TypeRef, Options, string[]]>([
    ['objects', Dated, {}, ['its input', '`when` of Dated', 'dates']],
    ['an unknown type', Anything, {}, ['`value` of Anything', '@Allow()']],
    ['a file', Picture, {}, ['`image` of Picture', 'file']],
    ['an array', [Mixed], {}, ['Mixed[]', 'array']],
    ['an array of numbers', [Number], {}, ['number[]']],
    ['an unvalidated input', Unvalidated, {}, ['its input', 'Unvalidated']],
    ['an unvalidated output', Number, { output: Unvalidated }, ['its output', 'Unvalidated']],
  ])('says why %s is absent', (_title, input, options, words) => {
    const signature = tensorSignature(describeRunner(input, options));
    expect(signature.ok).toBe(false);
    for (const word of words) expect(signature).toHaveProperty('reason', expect.stringContaining(word));
  });

  it('says that a stream is absent', () => {
    expect(tensorSignature(scanRunner(Stream))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('stream'),
    });
  });
});
