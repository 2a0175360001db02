import 'reflect-metadata';
import type { Tensor } from 'onnxruntime-common';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { createRunner } from '../../../../src/lifecycle/createRunner';
import type { RunnerHandle } from '../../../../src/lifecycle/RunnerHandle';
import { makeModelRunner, type ModelRunnerParts } from '../../../../src/models/tensor/makeModelRunner';
import type { OnnxOptions } from '../../../../src/models/onnx/OnnxOptions';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { scanRunner } from '../../../../src/scanner/scanRunner';
import { IsTensor } from '../../../../src/schema/IsTensor';
import { Unvalidated } from '../../../../src/schema/Unvalidated';
import { node, onnxFile, value } from '../onnx/onnxFile';
import { choice, identity, mlp, scalarOutput, twoInputs } from '../onnx/onnxFiles';
import { withModel } from '../onnx/withOnnxFile';
import { plain, tensor } from './tensor';

const ROW = [1, 2, 3, 4];
const ROWS = [ROW, [5, 6, 7, 8]];

/** A handle of a runner made from a model, for the time of `work`. */
function withRunner(
  bytes: Uint8Array,
  parts: Partial<ModelRunnerParts>,
  work: (handle: RunnerHandle) => Promise<void>,
  options?: OnnxOptions,
): Promise<void> {
  return withModel(
    bytes,
    async (model) => {
      const runner = makeModelRunner({ name: 'made', signature: model.signature, ...parts });
      const handle = await createRunner(runner, { model });
      try {
        await work(handle);
      } finally {
        await handle.close();
      }
    },
    options,
  );
}

const refusal = async (work: Promise<unknown>): Promise<RunwrightError & { issues?: unknown }> => {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!RunwrightError.is(error)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error;
};

/** What a function of the user's is told, behind the name of the stage. */
const told = async (work: Promise<unknown>): Promise<string> => {
  const { code, cause } = await refusal(work);
  expect(code).toBe('RW_STAGE_FAILED');
  if (!RunwrightError.is(cause)) throw new Error(`not ours: ${String(cause)}`);
  expect(cause.code).toBe('RW_TENSOR_INVALID');
  return cause.message;
};

const scoresOf = async (handle: RunnerHandle, input: unknown): Promise<Tensor> =>
  ((await handle.run(input)) as { scores: Tensor }).scores;

describe('a runner without functions', () => {
  it('takes one item in every form, without the dimension of the batch', () =>
    withRunner(mlp(), {}, async (handle) => {
      const expected = plain(await scoresOf(handle, { features: ROW }));
      expect(expected).toMatchObject({ type: 'float32', dims: [3] });
      for (const features of [Float32Array.from(ROW), tensor('float32', ROW, [4])]) {
        expect(plain(await scoresOf(handle, { features }))).toEqual(expected);
      }
    }));

  it('answers many items at once as it answers each', () =>
    withRunner(mlp(), { maxBatchSize: 4 }, async (handle) => {
      const inputs = Array.from({ length: 11 }, (_, at) => ({ features: ROW.map((x) => x * at) }));
      const many = await handle.runMany(inputs);
      expect(many).toHaveLength(11);
      for (const [at, outcome] of many.entries()) {
        const alone = await scoresOf(handle, inputs[at]);
        const { scores } = (outcome as { ok: true; value: { scores: Tensor } }).value;
        expect(scores.dims).toEqual([3]);
        for (const [index, score] of (scores.data as Float32Array).entries()) {
          expect(score).toBeCloseTo(alone.data[index] as number, 5);
        }
      }
    }));

  it('is batched, and says so to OIP, where the model can stack items alone', () =>
    withModel(mlp(), ({ signature }) => {
      const of = (given: typeof signature, maxBatchSize?: number) =>
        scanRunner(makeModelRunner({ name: 'made', signature: given, maxBatchSize }));
      expect(of(signature)).toMatchObject({ batch: { maxSize: 32 }, oip: { batch: true } });
      expect(of(signature, 5)).toMatchObject({ batch: { maxSize: 5 } });
      const alone = of({ ...signature, batch: false, batchReason: 'said' });
      expect(alone.batch).toBeUndefined();
      expect(alone).toMatchObject({ oip: { batch: false } });
    }));

  it('takes all dimensions where the model cannot stack', () =>
    withRunner(
      mlp(),
      {},
      async (handle) => {
        expect((await scoresOf(handle, { features: ROWS })).dims).toEqual([2, 3]);
        expect((await scoresOf(handle, { features: [] })).dims).toEqual([0, 3]);
        expect(await refusal(handle.run({ features: ROW }))).toMatchObject({
          code: 'RW_INPUT_INVALID',
          issues: [
            {
              path: 'features[0]',
              message:
                'features must be a float32 tensor of shape [-1, 4]: received shape [4], and this row is no array',
            },
          ],
        });
      },
      { batch: false },
    ));

  it.each([
    ['a dimension too many', { features: [ROW] }, 'features', 'of shape [4]: received shape [1, 4]'],
    ['NaN', { features: [1, NaN, 3, 4] }, 'features[1]', 'this is not a value of float32'],
    ['null', { features: [1, null, 3, 4] }, 'features[1]', 'this is not a value of float32'],
    ['another count', { features: [1, 2, 3] }, 'features', 'of shape [4]: received shape [3]'],
    ['another type of array', { features: Float64Array.from(ROW) }, 'features', 'an array of another type'],
    [
      'another type of tensor',
      { features: tensor('float64', ROW, [4]) },
      'features',
      'received float64 of shape [4]',
    ],
    ['an unknown name', { features: ROW, extra: 1 }, 'extra', 'should not exist'],
    ['nothing', {}, 'features', 'received neither nested arrays nor a tensor'],
  ])('tells the caller of %s', (_, input, path, message) =>
    withRunner(mlp(), {}, async (handle) => {
      expect(await refusal(handle.run(input))).toMatchObject({
        code: 'RW_INPUT_INVALID',
        issues: [{ path, message: expect.stringContaining(message) as string }],
      });
    }),
  );

  it('takes and gives scalars', async () => {
    await withRunner(choice(), {}, async (handle) => {
      const { y } = (await handle.run({ flag: false })) as { y: Tensor };
      expect(plain(y)).toEqual({ type: 'float32', dims: [2], data: [2, 2] });
      expect((await refusal(handle.run({ flag: [true] }))).message).toContain('received shape [1]');
    });
    await withRunner(scalarOutput(), {}, async (handle) => {
      const { total } = (await handle.run({ x: [[1, 2]] })) as { total: Tensor };
      expect(plain(total)).toEqual({ type: 'float32', dims: [], data: [3] });
    });
    await withRunner(identity('float32', ['rows']), {}, async (handle) => {
      expect(plain(((await handle.run({ x: 5 })) as { y: Tensor }).y)).toMatchObject({ dims: [], data: [5] });
    });
  });

  it('refuses sizes of one free dimension that do not agree, as the caller sees them', async () => {
    await withRunner(twoInputs(), {}, async (handle) => {
      expect(plain(((await handle.run({ a: [1, 2], b: [3, 4] })) as { sum: Tensor }).sum)).toMatchObject({
        data: [4, 6],
      });
      expect(await refusal(handle.run({ a: [1, 2], b: [3] }))).toMatchObject({
        code: 'RW_INPUT_INVALID',
        issues: [
          {
            path: 'b',
            constraint: 'shape',
            message: 'dimension 0 ("width") of b must be 2, as dimension 0 of a is: received shape [1]',
            received: 'Tensor',
          },
        ],
      });
    });
    await withRunner(
      twoInputs(),
      {},
      async (handle) => {
        const error = await refusal(handle.run({ a: [[1, 2]], b: [[3], [4]] }));
        expect(error).toMatchObject({
          issues: [
            { message: 'dimension 0 ("rows") of b must be 1, as dimension 0 of a is: received shape [2, 1]' },
            {
              message: 'dimension 1 ("width") of b must be 2, as dimension 1 of a is: received shape [2, 1]',
            },
          ],
        });
      },
      { batch: false },
    );
  });

  it('refuses a NUL in a text as the fault of the caller, without the text', () =>
    withRunner(identity('string'), {}, async (handle) => {
      const error = await refusal(handle.run({ x: ['a', 'secret\0b'] }));
      expect(error).toMatchObject({
        code: 'RW_INPUT_INVALID',
        issues: [{ path: 'x', message: expect.stringContaining('a NUL in the text at index 1') as string }],
      });
      expect(error.message).not.toContain('secret');
    }));

  it('leaves outputs unjudged whose shape the model does not tell', () => {
    // The rank of what comes back hangs on the values of `shape`.
    const bytes = onnxFile({
      nodes: [node('Reshape', ['x', 'shape'], ['y'])],
      inputs: [value('x', 'float32', ['n', 2]), value('shape', 'int64', ['rank'])],
      outputs: [value('y', 'float32')],
    });
    return withRunner(bytes, {}, async (handle) => {
      expect(handle.definition.output.typeName).toBe('unvalidated');
      const run = async (shape: number[]): Promise<Tensor> =>
        ((await handle.run({ x: ROWS.map((row) => row.slice(2)), shape })) as { y: Tensor }).y;
      expect((await run([4])).dims).toEqual([4]);
      expect((await run([1, 4, 1])).dims).toEqual([1, 4, 1]);
    });
  });

  it('cannot be made from an input of unknown shape, or from no inputs', async () => {
    const make = (bytes: Uint8Array): Promise<RunwrightError> =>
      withModel(bytes, ({ signature }) =>
        refusal(Promise.resolve().then(() => makeModelRunner({ name: 'made', signature }))),
      );
    const open = onnxFile({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [value('x', 'float32')],
      outputs: [value('y', 'float32')],
    });
    expect(await make(open)).toMatchObject({
      code: 'RW_MODEL_FILE_INVALID',
      where: 'input "x"',
      what: 'the model declares no shape for it, from which a runner could be made',
    });
    const none = onnxFile({
      nodes: [node('Identity', ['w'], ['y'])],
      outputs: [value('y', 'float32', [2])],
      initializers: [{ name: 'w', dims: [2], values: [1, 2] }],
    });
    expect(await make(none)).toMatchObject({
      code: 'RW_MODEL_FILE_INVALID',
      hint: 'Write a runner class for it',
    });
  });
});

describe('preprocess', () => {
  const pass = { preprocess: (data: unknown) => data };

  it('may give one item or rows, as the one tensor or by name, in every form', () =>
    withRunner(mlp(), { ...pass, postprocess: (outputs: TensorRecord) => outputs }, async (handle) => {
      const single = plain(await scoresOf(handle, ROW));
      expect(single).toMatchObject({ dims: [3] });
      for (const given of [Float32Array.from(ROW), tensor('float32', ROW, [4]), { features: ROW }]) {
        expect(plain(await scoresOf(handle, given))).toEqual(single);
      }
      const rows = plain(await scoresOf(handle, ROWS));
      expect(rows).toMatchObject({ dims: [2, 3] });
      for (const given of [{ features: ROWS }, tensor('float32', ROWS.flat(), [2, 4])]) {
        expect(plain(await scoresOf(handle, given))).toEqual(rows);
      }
      expect((await scoresOf(handle, [ROW])).dims).toEqual([1, 3]);
    }));

  it('may give other numbers of rows to calls that share a run', () =>
    withRunner(
      mlp(),
      { ...pass, postprocess: ({ scores }: { scores: Tensor }) => [...scores.dims] },
      async (handle) => {
        const outcomes = await handle.runMany([ROW, ROWS, [ROW], [...ROWS, ROW], ROW]);
        expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual([
          [3],
          [2, 3],
          [1, 3],
          [3, 3],
          [3],
        ]);
      },
    ));

  it('gives an item where there is neither `postprocess` nor `output`, also for one row', () =>
    withRunner(mlp(), pass, async (handle) => {
      expect((await scoresOf(handle, [ROW])).dims).toEqual([3]);
      expect(await refusal(handle.run(ROWS))).toMatchObject({
        code: 'RW_OUTPUT_INVALID',
        message: expect.stringContaining('of shape [3]: received float32 of shape [2, 3]') as string,
      });
    }));

  it('gives all dimensions to a model that cannot stack', () =>
    withRunner(
      mlp(),
      pass,
      async (handle) => {
        expect((await scoresOf(handle, ROWS)).dims).toEqual([2, 3]);
        expect(await told(handle.run(ROW))).toContain('float32 tensor of shape [-1, 4]: received shape [4]');
      },
      { batch: false },
    ));

  it.each([
    [
      'text',
      'x',
      'preprocess: string is not what the model takes: features. Give an object { features }, or the one tensor.',
    ],
    ['nothing', undefined, 'preprocess: undefined is not what the model takes: features.'],
    [
      'another name',
      { x: ROW },
      'preprocess: features is missing; the model has no input x. Give exactly features.',
    ],
    ['a name too many', { features: ROW, x: ROW }, 'preprocess: the model has no input x.'],
    [
      'another type',
      tensor('float64', ROW, [4]),
      'features must be a float32 tensor of shape [4]: received float64 of shape [4]',
    ],
    [
      'another size',
      [1, 2],
      'of shape [4]: received shape [2]. Give one item; or, where a postprocess takes them, several with a dimension for the batch in front: [-1, 4].',
    ],
    [
      'a ragged row',
      [ROW, [1, 2]],
      'features[1] must be a float32 tensor of shape [-1, 4]: received shape [2, 4], and this row has length 2.',
    ],
    [
      'NaN',
      [1, NaN, 3, 4],
      'features[1] must be a float32 tensor of shape [4]: this is not a value of float32.',
    ],
    ['an array too long', new Float32Array(8), 'received an array of length 8'],
    ['no elements', [[]], 'features[0] must be a float32 tensor'],
  ])('is told when it gives %s', (_, given, message) =>
    withRunner(mlp(), { preprocess: () => given }, async (handle) => {
      expect(await told(handle.run(1))).toContain(message);
    }),
  );

  it('is told of inputs with and without the dimension of the batch, and of sizes that differ', () =>
    withRunner(twoInputs(), pass, async (handle) => {
      const mixed =
        'preprocess: some of its tensors have a dimension for the batch and others have none (b). Give all with dimension 0, or all without.';
      expect(await told(handle.run({ a: [[1, 2]], b: [3, 4] }))).toBe(mixed);
      expect(await told(handle.run({ a: [1, 2], b: tensor('float32', [3, 4], [1, 2]) }))).toBe(mixed);
      expect(await told(handle.run({ a: ROWS, b: [ROW] }))).toContain(
        'input "b": expected float32 [rows, width], received float32 [1, 4]. Make dimension 0 as large as "rows" is elsewhere in these inputs, 2.',
      );
      expect(await told(handle.run([[1], [2]]))).toContain('one tensor is not what the model takes: a, b.');
    }));

  it('fails with what it throws, and its input is not judged unless a type is given', () =>
    withRunner(
      mlp(),
      {
        preprocess: () => {
          throw new Error('boo');
        },
      },
      async (handle) => {
        expect(handle.definition.input.typeName).toBe('unvalidated');
        expect((await refusal(handle.run(1))).message).toContain('preprocess failed: Error: boo. Look');
      },
    ));
});

describe('types of the user', () => {
  class Pair {
    @IsTensor({ dtype: 'float32', shape: [2] }) a!: Tensor;
    @IsTensor({ dtype: 'float32', shape: [2] }) b!: Tensor;
  }

  it('judge input and output', () =>
    withRunner(
      twoInputs(),
      { input: Pair, output: Number, postprocess: ({ sum }: { sum: Tensor }) => sum.data[0] },
      async (handle) => {
        expect([handle.definition.input.typeName, handle.definition.output.typeName]).toEqual([
          'Pair',
          'number',
        ]);
        expect(await handle.run({ a: [1, 2], b: [3, 4] })).toBe(4);
        expect((await refusal(handle.run({ a: [1], b: [3] }))).code).toBe('RW_INPUT_INVALID');
      },
    ));

  it('that let pass what the model cannot take leave the fault with the caller', () =>
    withRunner(twoInputs(), { input: Unvalidated }, async (handle) => {
      expect(((await handle.run({ a: [1, 2], b: [3, 4] })) as { sum: Tensor }).sum.dims).toEqual([2]);
      const issueOf = async (input: unknown): Promise<unknown> => {
        const { code, issues } = await refusal(handle.run(input));
        expect(code).toBe('RW_INPUT_INVALID');
        return (issues as { message: string }[])[0]?.message;
      };
      expect(await issueOf({ a: [1] })).toBe('b is missing');
      expect(await issueOf(7)).toBe('number is not what the model takes: a, b');
      expect(await issueOf({ a: [[1, 2]], b: [[3]] })).toContain('dimension 0 ("width") of b must be 2');
    }));
});
