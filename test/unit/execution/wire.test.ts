import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../../src/errors/errorCodes';
import { RunnerInvalidError } from '../../../src/errors/RunnerInvalidError';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { ValidationError } from '../../../src/errors/ValidationError';
import { decodeValue } from '../../../src/execution/wire/decodeValue';
import { encodeValue } from '../../../src/execution/wire/encodeValue';
import { fromWireError, toWireError, type WireError } from '../../../src/execution/wire/WireError';
import { makeTensor } from '../../../src/schema/makeTensor';
import { UploadedFile } from '../../../src/schema/UploadedFile';
import { oddErrors } from '../oddErrors';

const roundTrip = (value: unknown): unknown => decodeValue(encodeValue(value));

describe('values', () => {
  it('come back as they were', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(roundTrip(value)).toEqual(value);
      }),
    );
  });

  it('come back with their tensors and files, also in a cycle', () => {
    const tensor = makeTensor('int64', new BigInt64Array([1n, -2n]), [2, 1]);
    const words = makeTensor('string', ['a', 'b'], [2]);
    const file = UploadedFile.from(__filename, { mime: 'text/plain' });
    const value: Record<string, unknown> = { rows: [{ tensor }, { tensor, words }], file, ['__proto__x']: 1 };
    value['self'] = value;
    const back = roundTrip(value) as {
      rows: { tensor: typeof tensor; words: typeof words }[];
      self: unknown;
    };
    expect(back.self).toBe(back);
    expect(back.rows[0]?.tensor).toBeInstanceOf(tensor.constructor);
    expect(back.rows[1]?.tensor).toBe(back.rows[0]?.tensor);
    expect(back.rows[0]?.tensor).toMatchObject({ type: 'int64', dims: [2, 1], data: tensor.data });
    expect(back.rows[1]?.words).toMatchObject({ type: 'string', data: ['a', 'b'] });
    expect((back as unknown as { file: unknown }).file).toSatisfy(UploadedFile.is);
    expect(value['rows']).toEqual([{ tensor }, { tensor, words }]);
  });

  it('that look like what stands for a tensor stay what they are', () => {
    const impostor = { is: 'tensor', value: { type: 'float32', dims: [1], data: new Float32Array(1) } };
    expect(roundTrip([impostor])).toEqual([impostor]);
  });

  it.each([() => 1, Symbol('s'), Promise.resolve()])('that cannot be sent are refused: %s', (value) => {
    expect(() => encodeValue({ value })).toThrow();
  });
});

describe('errors', () => {
  const cross = (error: unknown): Error =>
    fromWireError(JSON.parse(JSON.stringify(toWireError(error))) as WireError);

  it('keep every part', () => {
    const parts = fc.record({
      what: fc.string(),
      where: fc.option(fc.string(), { nil: undefined }),
      hint: fc.string(),
    });
    const code = fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]));
    fc.assert(
      fc.property(code, parts, (name, options) => {
        const error = new RunwrightError(name, { ...options, cause: new TypeError('why') });
        const { cause, ...crossed } = cross(error) as RunwrightError;
        expect({ ...crossed }).toEqual({ ...error });
        expect(cross(error).message).toBe(error.message);
        expect(cause).toMatchObject({
          name: 'TypeError',
          message: 'why',
          stack: (error.cause as Error).stack,
        });
      }),
    );
  });

  it('stay of their class', () => {
    const issues = [{ path: 'a', constraint: 'isInt', message: 'must be whole', received: 'string' }];
    for (const side of ['input', 'output'] as const) {
      const error = new ValidationError(side, issues, 'Iris.answer');
      expect(cross(error)).toBeInstanceOf(ValidationError);
      expect(cross(error)).toEqual(error);
      expect((cross(error) as ValidationError).toJSON()).toEqual(error.toJSON());
    }
    const invalid = new RunnerInvalidError('Iris', [
      { where: 'Iris.predict', what: 'is missing', hint: 'Write it' },
    ]);
    expect(cross(invalid)).toBeInstanceOf(RunnerInvalidError);
    expect(cross(invalid)).toEqual(invalid);
  });

  it('end in finite time, whatever was thrown', () => {
    const circle = new Error('a') as Error & { cause: unknown };
    circle.cause = circle;
    expect(cross(circle).message).toBe('a');
    expect(cross({ secret: 1 }).message).toBe('object');
    expect(cross(undefined).message).toBe('undefined');
  });

  it.each(oddErrors)('cross all the same when one has %s', (_, make) => {
    const crossed = cross(make());
    const { name, message, stack } = crossed;
    expect(crossed).toBeInstanceOf(Error);
    expect([name, message, stack].map((part) => typeof part)).toEqual(['string', 'string', 'string']);
  });

  it('become text where they hold something else', () => {
    const odd = Object.assign(new TypeError('x'), { message: 10n, cause: { secret: 1 } });
    expect(cross(odd)).toMatchObject({ name: 'TypeError', message: '10', cause: { message: 'object' } });
    expect(cross(Object.assign(new Error('x'), { message: { secret: 1 } })).message).toBe('object');
    const issues = [{ path: 'a', constraint: 'max', message: 10n, received: ['b'] }];
    expect(cross(Object.assign(new ValidationError('input', []), { issues }))).toMatchObject({
      code: 'RW_INPUT_INVALID',
      issues: [{ path: 'a', constraint: 'max', message: '10', received: 'array' }],
    });
  });
});
