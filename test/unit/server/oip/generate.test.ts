import 'reflect-metadata';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import type { TypeRef } from '../../../../src/metadata/TypeRef';
import { scanRunner } from '../../../../src/scanner/scanRunner';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import { generatedText } from '../../../../src/server/oip/generatedText';
import { readGenerateInput } from '../../../../src/server/oip/readGenerateInput';

const describeRunner = (input: TypeRef) => {
  @Runner({ name: 'any' })
  class Any {
    @Predict({ input, output: Unvalidated }) predict(_model: unknown, value: unknown): unknown {
      return value;
    }
  }
  return scanRunner(Any);
};

class Prompt {
  @IsString() text_input!: string;
  @IsOptional() @IsInt() max_tokens?: number;
}
class Odd {
  @IsString() id!: string;
  @IsOptional() parameters?: unknown;
}

const read = (input: TypeRef, document: unknown) =>
  readGenerateInput(Buffer.from(JSON.stringify(document)), describeRunner(input));

describe('readGenerateInput', () => {
  it('leaves out id and unknown parameters, and takes those that are declared', () => {
    const parameters = { max_tokens: 5, stream: false };
    expect(read(Prompt, { id: '1', text_input: 'a', parameters })).toEqual({
      id: '1',
      input: { text_input: 'a', max_tokens: 5 },
    });
    // A key of its own goes before a parameter.
    expect(read(Prompt, { text_input: 'a', max_tokens: 1, parameters }).input).toEqual({
      text_input: 'a',
      max_tokens: 1,
    });
  });

  it('leaves fields that the runner declares to it, whatever they are called', () => {
    expect(read(Odd, { id: '1', parameters: { a: 1 } })).toEqual({
      id: undefined,
      input: { id: '1', parameters: { a: 1 } },
    });
  });

  it('gives everything else to the rules', () => {
    expect(read(Prompt, { other: 1 }).input).toEqual({ other: 1 });
    expect(read(Unvalidated, { a: 1, parameters: { b: 2 } }).input).toEqual({ a: 1 });
    const hostile = readGenerateInput(
      Buffer.from('{"__proto__":{"a":1}}'),
      describeRunner(Unvalidated),
    ).input;
    expect(Object.keys(hostile as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
  });

  it('takes the text of a runner of text', () => {
    expect(read(String, { text_input: 'a' }).input).toBe('a');
    expect(read(String, {}).input).toBeUndefined();
  });

  it.each([Number, Boolean, Uint8Array, [Prompt]])('refuses runners of %o', (input) => {
    expect(() => read(input as TypeRef, { text_input: 'a' })).toThrow(/infer/);
  });

  it.each([[], 'a', null, 5])('refuses the body %j', (document) => {
    expect(() => read(Prompt, document)).toThrow(
      expect.objectContaining({ code: 'RW_INPUT_INVALID' }) as Error,
    );
  });
});

describe('generatedText', () => {
  const description = describeRunner(Unvalidated);
  const text = (output: unknown, id?: string): unknown =>
    JSON.parse(generatedText(output, { modelName: 'm', modelVersion: '2' }, id, description));

  it('puts the fields of an output beside the model', () => {
    expect(text({ a: [1], b: { c: null } }, 'x')).toEqual({
      model_name: 'm',
      model_version: '2',
      id: 'x',
      a: [1],
      b: { c: null },
    });
    expect(text({})).toEqual({ model_name: 'm', model_version: '2' });
  });

  it('names what has no fields', () => {
    expect(text('a "text"')).toEqual({ model_name: 'm', model_version: '2', text_output: 'a "text"' });
    expect(text(5)).toEqual({ model_name: 'm', model_version: '2', output: 5 });
    expect(text([{}])).toEqual({ model_name: 'm', model_version: '2', output: [{}] });
    expect(text(undefined)).toEqual({ model_name: 'm', model_version: '2', output: null });
  });

  it('lets a field of the output go before a key of the protocol', () => {
    const json = generatedText({ id: 'own', model_name: 'own' }, { modelName: 'm' }, 'x', description);
    expect(json).toBe('{"id":"own","model_name":"own"}');
  });
});
