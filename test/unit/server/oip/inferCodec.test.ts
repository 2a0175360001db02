import 'reflect-metadata';
import fc from 'fast-check';
import { IsBoolean, IsInt, IsNumber, IsOptional, IsString } from 'class-validator';
import type { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { Predict } from '../../../../src/decorators/Predict';
import { Runner } from '../../../../src/decorators/Runner';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { scanRunner } from '../../../../src/scanner/scanRunner';
import { IsTensor } from '../../../../src/schema/IsTensor';
import { makeTensor } from '../../../../src/schema/makeTensor';
import type { ExchangeAnswer } from '../../../../src/server/exchange/ExchangeAnswer';
import { alignedBuffer } from '../../../../src/server/http/alignedBuffer';
import { decodeInfer } from '../../../../src/server/oip/decodeInfer';
import { encodeInfer } from '../../../../src/server/oip/encodeInfer';
import { tensorSignature, type TensorSignature } from '../../../../src/server/oip/tensorSignature';

class Row {
  @IsTensor({ dtype: 'float32', shape: [-1] }) floats!: Tensor;
  @IsTensor({ dtype: 'int64', shape: [2] }) longs!: Tensor;
  @IsOptional() @IsTensor({ dtype: 'bool', shape: [-1, 2] }) flags?: Tensor;
  @IsOptional() @IsTensor({ dtype: 'string', shape: [1] }) words?: Tensor;
  @IsNumber() number!: number;
  @IsInt() integer!: number;
  @IsString() text!: string;
  @IsBoolean() flag!: boolean;
  @IsNumber({}, { each: true }) numbers!: number[];
  @IsOptional() @IsString({ each: true }) texts?: string[];
}

@Runner({ name: 'echo' })
class Echo {
  @Predict({ input: Row, output: Row }) predict(_model: unknown, row: Row): Row {
    return row;
  }
}

class Only {
  @IsTensor({ dtype: 'float32', shape: [3] }) value!: Tensor;
}
@Runner({ name: 'only' })
class OnlyEcho {
  @Predict({ input: Only, output: Only }) predict(_model: unknown, only: Only): Only {
    return only;
  }
}

const signatureOf = (runner: new () => object): TensorSignature & { ok: true } => {
  const signature = tensorSignature(scanRunner(runner));
  if (!signature.ok) throw new Error(signature.reason);
  return signature;
};
const rowSignature = signatureOf(Echo);
const onlySignature = signatureOf(OnlyEcho);

const model = { modelName: 'echo', modelVersion: '7' };
const everything = (binary: boolean) => ({
  outputs: rowSignature.output.tensors.map((spec) => ({ spec, binary, named: false })),
  id: 'x',
});

/** A request whose bytes lie as the server reads them. */
const aligned = (bytes: Uint8Array, headerLength: number): Buffer => {
  const body = alignedBuffer(bytes.byteLength, headerLength);
  body.set(bytes);
  return body;
};

/** An answer, sent back as a request: what went out comes in again. */
const asRequest = ({ body, headerLength }: ExchangeAnswer): { body: Buffer; headerLength?: number } => {
  const bytes = Buffer.from(body as Uint8Array);
  const json = bytes.subarray(0, headerLength).toString();
  const renamed = Buffer.from(json.replace('"outputs":', '"inputs":'));
  const whole = Buffer.concat([
    renamed,
    bytes.subarray(json === bytes.toString() ? bytes.length : headerLength),
  ]);
  if (headerLength === undefined) return { body: renamed };
  return { body: aligned(whole, renamed.byteLength), headerLength: renamed.byteLength };
};

const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Rows that are one tensor together: the free dimensions are those of all. */
const rows = (float: fc.Arbitrary<number>, double: fc.Arbitrary<number>) =>
  fc
    .record({
      count: fc.integer({ min: 0, max: 4 }),
      free: fc.integer({ min: 0, max: 3 }),
      hasOptional: fc.boolean(),
    })
    .chain(({ count, free, hasOptional }) =>
      fc.array(
        fc.record({
          floats: fc
            .array(float, { minLength: free, maxLength: free })
            .map((items) => makeTensor('float32', Float32Array.from(items), [free])),
          longs: fc
            .tuple(integers, integers)
            .map((items) => makeTensor('int64', BigInt64Array.from(items), [2])),
          ...(hasOptional && {
            flags: fc
              .array(fc.integer({ min: 0, max: 1 }), { minLength: free * 2, maxLength: free * 2 })
              .map((items) => makeTensor('bool', Uint8Array.from(items), [free, 2])),
            words: fc.string({ unit: 'grapheme' }).map((word) => makeTensor('string', [word], [1])),
            texts: fc.array(fc.string({ unit: 'grapheme' }), { minLength: free, maxLength: free }),
          }),
          number: double,
          integer: fc.maxSafeInteger(),
          text: fc.string({ unit: 'grapheme' }),
          flag: fc.boolean(),
          numbers: fc.array(double, { minLength: free, maxLength: free }),
        }),
        { minLength: count, maxLength: count },
      ),
    );

/** With tensors as plain facts, and -0 told from 0. */
const plain = (items: readonly unknown[]): unknown =>
  (items as Record<string, unknown>[]).map((item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => {
        const { type, dims, data } = value as Tensor;
        return [name, type === undefined ? value : { type, dims, data: Array.from(data as Float32Array) }];
      }),
    ),
  );

describe('encodeInfer and decodeInfer', () => {
  it('bring back every row through binary, to the bit', async () => {
    const any = rows(fc.float(), fc.double());
    await fc.assert(
      fc.asyncProperty(any, async (sent) => {
        const answer = encodeInfer(sent, everything(true), rowSignature, model, 'Echo.predict');
        const { rows: received, id } = await decodeInfer(asRequest(answer), rowSignature, 'Echo');
        expect(id).toBe('x');
        if (sent.length > 0) expect(plain(received)).toEqual(plain(sent));
        else expect(received).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('bring back every row through JSON, to the digit', async () => {
    const finite = rows(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    await fc.assert(
      fc.asyncProperty(finite, async (sent) => {
        const answer = encodeInfer(sent, everything(false), rowSignature, model, 'Echo.predict');
        const { rows: received } = await decodeInfer(asRequest(answer), rowSignature, 'Echo');
        if (sent.length > 0) expect(plain(received)).toEqual(plain(sent));
        else expect(received).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

const binaryRequest = (count: number, size = count * 12): { json: Buffer; header: number } => {
  const input = {
    name: 'value',
    datatype: 'FP32',
    shape: [count, 3],
    parameters: { binary_data_size: size },
  };
  const json = Buffer.from(JSON.stringify({ inputs: [input] }));
  return { json, header: json.byteLength };
};

describe('decodeInfer', () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const { json, header } = binaryRequest(2);
  const whole = Buffer.concat([json, Buffer.from(values.buffer)]);

  it('lays tensors over the body, and rows over tensors, without a copy', async () => {
    const body = aligned(whole, header);
    const { rows: items } = await decodeInfer({ body, headerLength: header }, onlySignature, 'Only');
    const [first, second] = items as [Only, Only];
    expect(second.value.dims).toEqual([3]);
    expect(Array.from(second.value.data as Float32Array)).toEqual([4, 5, 6]);
    for (const { value } of [first, second]) expect((value.data as Float32Array).buffer).toBe(body.buffer);
  });

  it('copies where the address does not fit the type', async () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const memory = new Uint8Array(whole.byteLength + shift);
      const body = memory.subarray(shift);
      body.set(whole);
      const { rows: items } = await decodeInfer({ body, headerLength: header }, onlySignature, 'Only');
      const data = (items[1] as Only).value.data as Float32Array;
      expect(Array.from(data)).toEqual([4, 5, 6]);
      expect(data.buffer === memory.buffer).toBe((shift + header) % 4 === 0);
    }
  });

  it('bounds the number of items', async () => {
    const inputs = [{ name: 'value', datatype: 'FP32', shape: [1_000_000_000, 0], data: [] }];
    const body = Buffer.from(JSON.stringify({ inputs }));
    class Empty {
      @IsTensor({ dtype: 'float32', shape: [-1] }) value!: Tensor;
    }
    @Runner({ name: 'empty' })
    class EmptyEcho {
      @Predict({ input: Empty, output: Empty }) predict(_model: unknown, empty: Empty): Empty {
        return empty;
      }
    }
    const decoded = decodeInfer({ body }, signatureOf(EmptyEcho), 'Empty');
    await expect(decoded).rejects.toMatchObject({ issues: [{ path: 'inputs[0].shape[0]' }] });
  });

  it('is one item where no input is given and none is needed', async () => {
    class Loose {
      @IsOptional() @IsNumber() value?: number;
    }
    @Runner({ name: 'loose' })
    class LooseEcho {
      @Predict({ input: Loose, output: Loose }) predict(_model: unknown, loose: Loose): Loose {
        return loose;
      }
    }
    const signature = signatureOf(LooseEcho);
    const { rows: items, outputs } = await decodeInfer(
      { body: Buffer.from('{"inputs":[]}') },
      signature,
      'Loose',
    );
    expect(items).toEqual([{}]);
    const answer = encodeInfer([{}], { outputs, id: undefined }, signature, { modelName: 'loose' }, 'Loose');
    expect(JSON.parse(answer.body as string)).toEqual({ model_name: 'loose', outputs: [] });
    const named = outputs.map((output) => ({ ...output, named: true }));
    expect(() => encodeInfer([{}], { outputs: named, id: undefined }, signature, model, 'Loose')).toThrow(
      expect.objectContaining({ code: 'RW_OUTPUT_INVALID' }) as Error,
    );
  });

  it.each([
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['9007199254740991', 9007199254740991n],
    ['1e3', 1000n],
    ['7.0', 7n],
    ['9007199254740993.0', undefined],
    ['9007199254740993e0', undefined],
    ['9.007199254740993e15', undefined],
    ['1e18', undefined],
    ['9223372036854775808', undefined],
  ])('takes %s for INT64 as it is, or not at all', async (digits, exact) => {
    class Long {
      @IsTensor({ dtype: 'int64', shape: [1] }) value!: Tensor;
    }
    @Runner({ name: 'long' })
    class LongEcho {
      @Predict({ input: Long, output: Long }) predict(_model: unknown, long: Long): Long {
        return long;
      }
    }
    const body = Buffer.from(
      `{"inputs":[{"name":"value","datatype":"INT64","shape":[1,1],"data":[${digits}]}]}`,
    );
    const decoded = decodeInfer({ body }, signatureOf(LongEcho), 'Long');
    if (exact === undefined) {
      await expect(decoded).rejects.toMatchObject({ issues: [{ path: 'inputs[0].data[0]' }] });
    } else {
      const [row] = (await decoded).rows as [Long];
      expect(Array.from(row.value.data as BigInt64Array)).toEqual([exact]);
    }
  });

  it('answers hostile bytes with an error of its own, whatever they are', async () => {
    const spoil = fc.tuple(fc.nat(whole.byteLength - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(spoil, { maxLength: 8 }),
        fc.integer({ min: 0, max: whole.byteLength + 20 }),
        fc.integer({ min: 0, max: whole.byteLength }),
        async (spoiled, headerLength, end) => {
          const body = Buffer.from(whole);
          for (const [index, byte] of spoiled) body[index] = byte;
          try {
            const { rows: items } = await decodeInfer(
              { body: body.subarray(0, end), headerLength },
              onlySignature,
              'Only',
            );
            expect(items.length).toBeLessThan(100);
          } catch (error) {
            expect(RunwrightError.is(error)).toBe(true);
            expect(['RW_INPUT_INVALID', 'RW_REQUEST_INVALID']).toContain((error as RunwrightError).code);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses any JSON that is not a request, whatever it is', async () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          name: fc.constantFrom('floats', 'longs', 'number', 'texts', '__proto__', 'toString'),
          datatype: fc.constantFrom('FP32', 'INT64', 'FP64', 'BYTES'),
          shape: fc.array(fc.oneof(fc.integer({ min: -2, max: 4 }), fc.double()), { maxLength: 3 }),
          data: fc.array(fc.jsonValue(), { maxLength: 6 }),
          parameters: fc.oneof(fc.jsonValue(), fc.record({ binary_data_size: fc.jsonValue() })),
        },
        { requiredKeys: ['name'] },
      ),
    );
    const document = fc.record({
      inputs: fc.array(part, { maxLength: 5 }),
      outputs: part,
      parameters: part,
      id: part,
    });
    await fc.assert(
      fc.asyncProperty(document, async (value) => {
        const decoded = decodeInfer({ body: Buffer.from(JSON.stringify(value)) }, rowSignature, 'Row');
        await expect(decoded).rejects.toMatchObject({ code: 'RW_INPUT_INVALID' });
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeInfer', () => {
  const spec = onlySignature.output.tensors[0];
  if (spec === undefined) throw new Error('no output');
  const asked = (binary: boolean) => ({ outputs: [{ spec, binary, named: true }], id: undefined });

  it('gives bytes of its own: the runner may go on with its memory, and the answer may go to another thread', () => {
    const memory = Float32Array.of(1, 2, 3);
    const value = makeTensor('float32', memory, [3]);
    const answer = encodeInfer([{ value }, { value }], asked(true), onlySignature, model, 'Only');
    memory.fill(0);
    const body = answer.body as Buffer;
    const tail = body.subarray(answer.headerLength);
    expect(tail).toEqual(Buffer.from(Float32Array.of(1, 2, 3, 1, 2, 3).buffer));
    expect(body.buffer.byteLength).toBe(body.byteLength);
  });

  it('leaves out an FP16 output that no row has, and refuses one that JSON would have to hold', async () => {
    class Half {
      @IsNumber() value!: number;
      @IsOptional() @IsTensor({ dtype: 'float16', shape: [1] }) half?: Tensor;
    }
    @Runner({ name: 'half' })
    class HalfEcho {
      @Predict({ input: Half, output: Half }) predict(_model: unknown, input: Half): Half {
        return input;
      }
    }
    const signature = signatureOf(HalfEcho);
    const inputs = [{ name: 'value', datatype: 'FP64', shape: [1], data: [1] }];
    const decode = (outputs?: unknown) =>
      decodeInfer({ body: Buffer.from(JSON.stringify({ inputs, outputs })) }, signature, 'Half');
    const call = await decode();
    const { body } = encodeInfer([{ value: 1 }], call, signature, model, 'Half');
    expect(JSON.parse(body as string)).toMatchObject({ outputs: [{ name: 'value', data: [1] }] });
    const none = encodeInfer([], call, signature, model, 'Half');
    expect(JSON.parse(none.body as string)).toMatchObject({ outputs: [{ name: 'value', shape: [0] }] });
    const half = makeTensor('float16', Uint16Array.of(0x3c00), [1]);
    const encode = () => encodeInfer([{ value: 1, half }], call, signature, model, 'Half');
    expect(encode).toThrow(expect.objectContaining({ status: 400, hint: expect.stringContaining('binary') }));
    await expect(decode([{ name: 'half' }])).rejects.toMatchObject({ issues: [{ path: 'outputs' }] });
  });

  it('reads only the elements of a view', () => {
    const memory = Float32Array.of(9, 1, 2, 3, 9);
    const value = makeTensor('float32', memory.subarray(1, 4), [3]);
    const { body } = encodeInfer([{ value }], asked(false), onlySignature, model, 'Only');
    expect(JSON.parse(body as string)).toEqual({
      model_name: 'echo',
      model_version: '7',
      outputs: [{ name: 'value', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
    });
  });

  it.each(['floats', 'numbers', 'texts', 'flags'])(
    'names the row whose %s differ in a free dimension',
    (name) => {
      const row = (free: number) => ({
        floats: makeTensor('float32', new Float32Array(free), [free]),
        flags: makeTensor('bool', new Uint8Array(free * 2), [free, 2]),
        numbers: new Array<number>(free).fill(1),
        texts: new Array<string>(free).fill(''),
      });
      const output = rowSignature.output.tensors.find((tensor) => tensor.name === name);
      if (output === undefined) throw new Error('no such output');
      const call = { outputs: [{ spec: output, binary: true, named: true }], id: undefined };
      expect(() => encodeInfer([row(1), row(1), row(2)], call, rowSignature, model, 'Echo.predict')).toThrow(
        expect.objectContaining({
          code: 'RW_OUTPUT_INVALID',
          where: 'Echo.predict',
          issues: [expect.objectContaining({ path: `[2].${name}`, constraint: 'shape' })],
        }) as Error,
      );
    },
  );

  it.each([
    ['texts', 'an optional field that only some rows have'],
    ['words', 'an optional tensor that only some rows have'],
  ])('refuses %s: %s', (name) => {
    const output = rowSignature.output.tensors.find((tensor) => tensor.name === name);
    if (output === undefined) throw new Error('no such output');
    const call = { outputs: [{ spec: output, binary: false, named: false }], id: undefined };
    const given = { texts: ['a'], words: makeTensor('string', ['a'], [1]) };
    for (const rowsOf of [
      [given, {}],
      [{}, given],
    ]) {
      expect(() => encodeInfer(rowsOf, call, rowSignature, model, 'Echo.predict')).toThrow(
        expect.objectContaining({ code: 'RW_OUTPUT_INVALID' }) as Error,
      );
    }
  });
});
