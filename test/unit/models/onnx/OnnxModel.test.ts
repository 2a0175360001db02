import fc from 'fast-check';
import { Tensor } from 'onnxruntime-common';
import * as onnxruntime from 'onnxruntime-node';
import { pathToFileURL } from 'node:url';
import { isAbsolute, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OnnxModel } from '../../../../src/models/onnx/OnnxModel';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { plain, tensor } from '../tensor/tensor';
import { withFolder } from '../value/withFolder';
import { node, onnxFile, value, type OnnxType } from './onnxFile';
import { choice, externalData, identity, mlp, scalarOutput, twoInputs } from './onnxFiles';
import { FOUR_WEIGHTS, withModel, withOnnxFile } from './withOnnxFile';

const features = (rows: number, seed = 1): TensorRecord => ({
  features: tensor(
    'float32',
    Array.from({ length: rows * 4 }, (_, at) => Math.sin(at + seed)),
    [rows, 4],
  ),
});
const plainRecord = (record: TensorRecord): unknown =>
  Object.fromEntries(Object.entries(record).map(([name, each]) => [name, plain(each)]));

describe('OnnxModel', () => {
  it('answers as onnxruntime-node called by hand', () =>
    withOnnxFile(mlp(), async (file) => {
      const session = await onnxruntime.InferenceSession.create(file);
      const model = await OnnxModel.fromFile(file);
      const byHand = await session.run({ ...features(3) });
      expect(plainRecord(await model.run(features(3)))).toEqual(plainRecord(byHand as TensorRecord));
      await Promise.all([model.release(), session.release()]);
    }));

  it('reads its signature from the file', () =>
    withModel(mlp(), (model) => {
      expect(model.signature).toEqual({
        inputs: [{ name: 'features', dtype: 'float32', shape: ['rows', 4] }],
        outputs: [{ name: 'scores', dtype: 'float32', shape: ['rows', 3] }],
        batch: true,
      });
      expect(isAbsolute(model.file)).toBe(true);
    }));

  it('opens relative paths and URLs', () =>
    withOnnxFile(mlp(), async (file) => {
      for (const path of [relative(process.cwd(), file), pathToFileURL(file)]) {
        const model = await OnnxModel.fromFile(path);
        expect(model.file).toBe(file);
        await model.release();
      }
    }));

  it('is known by its brand', () =>
    withModel(mlp(), (model) => {
      expect(OnnxModel.is(model)).toBe(true);
      expect([null, {}, 'x', OnnxModel].some((other) => OnnxModel.is(other))).toBe(false);
    }));

  it.each<[OnnxType, Tensor]>([
    ['float16', tensor('float16', [1, 2], [1, 2])],
    ['int64', tensor('int64', [2n ** 62n, -1n], [1, 2])],
    ['uint8', tensor('uint8', [255, 0], [1, 2])],
    ['bool', tensor('bool', [1, 0], [1, 2])],
    ['string', tensor('string', ['', 'Grüße 🙂'], [1, 2])],
    ['float64', tensor('float64', [0.1, NaN], [1, 2])],
  ])('passes %s through unchanged, alone and stacked', (type, x) =>
    withModel(identity(type), async (model) => {
      expect(plain((await model.run({ x }))['y']!)).toEqual(plain(x));
      const outputs = await model.runMany([{ x }, { x }]);
      expect(outputs.map(({ y }) => plain(y!))).toEqual([plain(x), plain(x)]);
    }),
  );

  it('runs a model with branches', () =>
    withModel(choice(), async (model) => {
      const { y } = await model.run({ flag: tensor('bool', [0], []) });
      expect(plain(y!)).toEqual({ type: 'float32', dims: [2], data: [2, 2] });
    }));

  it('uses external data that lies beside the file', () =>
    withOnnxFile(
      externalData('weights/w.bin'),
      async (file) => {
        const model = await OnnxModel.fromFile(file);
        const { y } = await model.run({ x: tensor('float32', [1, 1, 1, 1], [1, 4]) });
        expect([...(y!.data as Float32Array)]).toEqual([2, 3, 4, 5]);
        await model.release();
      },
      { 'weights/w.bin': FOUR_WEIGHTS },
    ));

  it('judges inputs before onnxruntime does', () =>
    withModel(mlp(), async (model) => {
      const wide = { features: tensor('float32', [1, 2, 3, 4, 5], [1, 5]) };
      await expect(model.run(wide)).rejects.toMatchObject({
        code: 'RW_TENSOR_INVALID',
        where: `${model.file}, input "features"`,
        what: 'expected float32 [rows, 4], received float32 [1, 5]',
      });
      await expect(model.runMany([features(1), wide])).rejects.toThrow('item 1, input "features"');
    }));

  it('takes inputs of any rank where the file declares none', () =>
    withModel(
      onnxFile({
        nodes: [node('Relu', ['x'], ['y'])],
        inputs: [value('x', 'float32')],
        outputs: [value('y', 'float32')],
      }),
      async (model) => {
        expect(model.signature.inputs[0]).toEqual({ name: 'x', dtype: 'float32', shape: [], anyShape: true });
        expect(model.signature.batchReason).toBe('input "x" has no declared shape');
        const { y } = await model.run({ x: tensor('float32', [-1, 2], [1, 1, 2]) });
        expect(plain(y!)).toEqual({ type: 'float32', dims: [1, 1, 2], data: [0, 2] });
      },
    ));

  it('says what onnxruntime said when a run fails', () =>
    withModel(
      onnxFile({
        nodes: [node('Gather', ['table', 'id'], ['y'])],
        inputs: [value('id', 'int64', ['n'])],
        outputs: [value('y', 'float32', ['n'])],
        initializers: [{ name: 'table', dims: [2], values: [1, 2] }],
      }),
      async (model) => {
        await expect(model.run({ id: tensor('int64', [7n], [1]) })).rejects.toMatchObject({
          code: 'RW_STAGE_FAILED',
          message: expect.stringContaining('Gather node') as string,
        });
        expect(plain((await model.run({ id: tensor('int64', [1n], [1]) }))['y']!)).toMatchObject({
          data: [2],
        });
      },
    ));

  describe('runMany', () => {
    it('gives what single runs give, whatever the numbers of rows', () =>
      withModel(mlp(), (model) =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 8 }), async (rows) => {
            const items = rows.map((count, at) => features(count, at));
            const together = await model.runMany(items);
            for (const [at, item] of items.entries()) {
              const alone = (await model.run(item))['scores']!;
              const { dims, data } = together[at]!['scores']!;
              expect(dims).toEqual(alone.dims);
              const far = Array.from(data as Float32Array).filter(
                (each, index) => Math.abs(each - (alone.data as Float32Array)[index]!) > 1e-6,
              );
              expect(far).toEqual([]);
            }
          }),
          { numRuns: 30 },
        ),
      ));

    it('stacks only what has equal other dimensions, and keeps the order', () =>
      withModel(twoInputs(), async (model) => {
        const pair = (first: number, width: number): TensorRecord => {
          const numbers = Array.from({ length: width }, (_, at) => first + at);
          return { a: tensor('float32', numbers, [1, width]), b: tensor('float32', numbers, [1, width]) };
        };
        const outputs = await model.runMany([pair(1, 2), pair(5, 3), pair(7, 2)]);
        expect(outputs.map(({ sum }) => [...(sum!.data as Float32Array)])).toEqual([
          [2, 4],
          [10, 12, 14],
          [14, 16],
        ]);
        // Those of one run share its memory.
        const memory = outputs.map(({ sum }) => (sum!.data as Float32Array).buffer);
        expect(memory[0]).toBe(memory[2]);
        expect(memory[0]).not.toBe(memory[1]);
      }));

    it('runs one by one where outputs cannot be split', () =>
      withModel(scalarOutput(), async (model) => {
        expect(model.signature.batchReason).toBe('output "total" (float32 []) has no dimensions');
        const x = (a: number): TensorRecord => ({ x: tensor('float32', [a, 1], [1, 2]) });
        const totals = (await model.runMany([x(1), x(2)])).map(({ total }) => total!.data[0]);
        expect(totals).toEqual([2, 3]);
      }));

    it('does not split what a wrong declaration brought together', () =>
      withModel(
        onnxFile({
          nodes: [node('Transpose', ['x'], ['y'])],
          inputs: [value('x', 'float32', ['n', 'm'])],
          outputs: [value('y', 'float32', ['m', 'n'])],
        }),
        async (model) => {
          const x = { x: tensor('float32', [1, 2, 3], [1, 3]) };
          await expect(model.runMany([x, x])).rejects.toMatchObject({
            code: 'RW_STAGE_FAILED',
            message: expect.stringContaining('for 2 stacked rows') as string,
          });
        },
        { batch: true },
      ));

    it('follows `batch: false`', () =>
      withModel(
        mlp(),
        async (model) => {
          const [first, second] = await model.runMany([features(1), features(1)]);
          const memory = [first, second].map((each) => (each!['scores']!.data as Float32Array).buffer);
          expect(memory[0]).not.toBe(memory[1]);
        },
        { batch: false },
      ));

    it('gives nothing for nothing', () =>
      withModel(mlp(), async (model) => expect(await model.runMany([])).toEqual([])));
  });

  it('does not begin what was called off', () =>
    withModel(mlp(), async (model) => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(model.run(features(1), { signal })).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await expect(model.runMany([features(1)], { signal })).rejects.toMatchObject({ code: 'RW_ABORTED' });
    }));

  it('ends running work before it is released, once, and says so to who calls later', () =>
    withOnnxFile(mlp(), async (file) => {
      const model = await OnnxModel.fromFile(file);
      const running = [model.run(features(2)), model.runMany([features(1), features(2)])];
      await Promise.all([model.release(), model.release()]);
      expect(await Promise.all(running)).toHaveLength(2);
      await model.release();
      await expect(model.run(features(1))).rejects.toMatchObject({
        code: 'RW_HANDLE_STATE',
        what: 'the model has been released',
      });
      await expect(model.runMany([])).rejects.toMatchObject({ code: 'RW_HANDLE_STATE' });
    }));

  it('ends all runs of a `runMany` before it is released', () =>
    withOnnxFile(twoInputs(), async (file) => {
      const model = await OnnxModel.fromFile(file);
      const item = (width: number): TensorRecord => {
        const numbers = new Array<number>(width).fill(1);
        return { a: tensor('float32', numbers, [1, width]), b: tensor('float32', numbers, [1, width]) };
      };
      const running = model.runMany([item(1), item(2), item(3)]);
      await model.release();
      expect(await running).toHaveLength(3);
    }));

  it('refuses what is no path', async () => {
    for (const path of [undefined, '', 5, new URL('https://example.org/x.onnx')]) {
      await expect(OnnxModel.fromFile(path as string)).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    }
    await withFolder(async (directory) => {
      await expect(OnnxModel.fromFile(directory)).rejects.toThrow('it is a folder');
      await expect(OnnxModel.fromFile(`${directory}/none.onnx`)).rejects.toThrow('there is no such file');
    });
  });
});
