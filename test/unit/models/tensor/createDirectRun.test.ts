import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { createRunner } from '../../../../src/lifecycle/createRunner';
import type { RunnerHandle } from '../../../../src/lifecycle/RunnerHandle';
import type { OnnxModel } from '../../../../src/models/onnx/OnnxModel';
import { directRunOf } from '../../../../src/models/tensor/DirectRun';
import { makeModelRunner } from '../../../../src/models/tensor/makeModelRunner';
import type { TensorRecord } from '../../../../src/models/tensor/TensorModel';
import { choice, doubled, mlp, square } from '../onnx/onnxFiles';
import { withModel } from '../onnx/withOnnxFile';
import { plain, tensor } from './tensor';

const ITEM = { features: tensor('float32', [1, 2, 3, 4], [4]) };
/** Runs after which a queue may see that calls come one after another. */
const WARM_UP = 8;

/** A handle whose calls come one after another, and how often the short way was taken. */
function withLoneCalls(
  work: (handle: RunnerHandle, shortWays: () => number, model: OnnxModel) => Promise<void>,
  { bytes = mlp(), item = ITEM }: { bytes?: Buffer; item?: unknown } = {},
): Promise<void> {
  return withModel(
    bytes,
    async (model) => {
      const judged = vi.spyOn(model, 'runJudged');
      const handle = await createRunner(makeModelRunner({ name: 'made', signature: model.signature }), {
        model,
      });
      try {
        for (let run = 0; run < WARM_UP; run += 1) await answer(handle.run(item));
        judged.mockClear();
        await work(handle, () => judged.mock.calls.length, model);
      } finally {
        await handle.close();
      }
    },
    OPTIONS,
  );
}

/** By the user's word, where the names of the dimensions alone would not say it. */
const OPTIONS = { batch: true };

/** The answer, or the error as the caller sees it. */
const answer = async (
  work: Promise<unknown>,
): Promise<{ code?: string; type?: string; tensors?: unknown }> => {
  try {
    const output = (await work) as TensorRecord;
    const tensors = Object.entries(output).map(([name, each]) => [name, plain(each)]);
    return { type: (output.constructor as { name: string }).name, tensors };
  } catch (error) {
    if (!RunwrightError.is(error)) throw error;
    const { code, message, issues } = error as RunwrightError & { issues?: unknown };
    return { code, ...{ message, issues } };
  }
};

class Disposed {
  readonly type = 'float32';
  readonly dims = [4];
  readonly location = 'none';
}

function throwing(): never {
  throw new Error('a trap');
}

const inputs = fc.oneof(
  fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 4, maxLength: 4 })
    .map((row) => ({ features: tensor('float32', row, [4]) })),
  fc.constantFrom<unknown>(
    { features: [1, 2, 3, 4] },
    { features: Float32Array.of(1, 2, 3, 4) },
    { features: tensor('float32', [1, 2, 3], [3]) },
    { features: tensor('float32', [1, 2, 3, 4], [1, 4]) },
    { features: tensor('float64', [1, 2, 3, 4], [4]) },
    { features: new Disposed() },
    { features: ITEM.features, more: 1 },
    { feature: ITEM.features },
    {},
    null,
    'text',
    Object.assign(Object.create({ features: ITEM.features }) as object, {}),
    Object.assign(Object.create(null) as object, ITEM),
    Object.defineProperty({}, 'features', { enumerable: true, get: () => ITEM.features }),
    new Proxy({}, { getPrototypeOf: () => throwing() }),
    new Proxy({}, { ownKeys: () => throwing() }),
    JSON.parse('{"__proto__": {}, "features": [1, 2, 3, 4]}'),
  ),
);

describe('the short way of a lone call', () => {
  it('answers and refuses as the long way does', () =>
    withLoneCalls(async (handle, shortWays) => {
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          const short = await answer(handle.run(input));
          // A caller that may leave goes the long way.
          const long = await answer(handle.run(input, { signal: new AbortController().signal }));
          expect(short).toEqual(long);
        }),
      );
      for (let run = 0; run < WARM_UP; run += 1) await handle.run(ITEM);
      expect(shortWays()).toBeGreaterThan(0);
    }));

  it('shares its turn with others: calls at once are batched and all answered', () =>
    withLoneCalls(async (handle) => {
      const alone = await answer(handle.run(ITEM));
      const many = await Promise.all(Array.from({ length: 20 }, () => answer(handle.run(ITEM))));
      expect(many).toEqual(Array.from({ length: 20 }, () => alone));
    }));

  it('tells of a failing model as the long way does', () =>
    withLoneCalls(async (handle, shortWays, model) => {
      await model.release();
      const before = shortWays();
      const short = await answer(handle.run(ITEM));
      expect(shortWays()).toBe(before + 1);
      expect(short).toEqual(await answer(handle.run(ITEM, { signal: new AbortController().signal })));
      expect(short).toMatchObject({ code: 'RW_STAGE_FAILED' });
    }));

  it('is not there where the number of rows is another size too', () =>
    withLoneCalls(
      async (handle, shortWays) => {
        const [one, two] = [[1], [2]].map(([size = 0]) => ({
          x: tensor('float32', Array<number>(size).fill(1), [size]),
        }));
        for (const item of [one, two, one, two]) {
          const alone = await answer(handle.run(item));
          expect(alone).toEqual(await answer(handle.run(item, { signal: new AbortController().signal })));
        }
        expect(shortWays()).toBe(0);
      },
      { bytes: square(), item: { x: tensor('float32', [1], [1]) } },
    ));

  it('says as the long way that a model does not keep rows apart', () => {
    const item = { x: tensor('float32', [1, 2, 3, 4], [4]) };
    return withLoneCalls(
      async (handle, shortWays) => {
        const short = await answer(handle.run(item));
        expect(shortWays()).toBe(1);
        expect(short).toEqual(await answer(handle.run(item, { signal: new AbortController().signal })));
        expect(short).toMatchObject({
          code: 'RW_STAGE_FAILED',
          message: expect.stringContaining('batch: false') as unknown,
        });
      },
      { bytes: doubled(), item },
    );
  });

  it('gives its turn back when the model throws at once', () =>
    withLoneCalls(async (handle, _, model) => {
      const judged = vi.spyOn(model, 'runJudged').mockImplementationOnce(() => throwing());
      expect(await answer(handle.run(ITEM))).toMatchObject({ code: 'RW_STAGE_FAILED' });
      expect(judged).toHaveBeenCalledOnce();
      expect(await answer(handle.run(ITEM))).toMatchObject({ type: 'ModelOutput' });
    }));

  it('is not taken for a subclass, which may do something else', () =>
    withModel(mlp(), (model) => {
      const made = makeModelRunner({ name: 'made', signature: model.signature });
      expect(directRunOf(made)).toBeDefined();
      expect(directRunOf(class extends (made as new () => object) {})).toBeUndefined();
    }));

  it('is closed with the handle, once what runs has ended', () =>
    withLoneCalls(async (handle) => {
      const running = answer(handle.run(ITEM));
      await handle.close();
      expect(await running).toMatchObject({ type: 'ModelOutput' });
      expect(await answer(handle.run(ITEM))).toMatchObject({ code: 'RW_HANDLE_STATE' });
    }));

  it('is not taken with another model than the one that the runner was made from', () =>
    withModel(choice(), (other) =>
      withModel(mlp(), async (model) => {
        const judged = vi.spyOn(other, 'runJudged');
        const runner = makeModelRunner({ name: 'made', signature: model.signature });
        const handle = await createRunner(runner, { model: other });
        for (let run = 0; run < WARM_UP; run += 1) {
          expect(await answer(handle.run(ITEM))).toMatchObject({ code: 'RW_STAGE_FAILED' });
        }
        expect(judged).not.toHaveBeenCalled();
        await handle.close();
      }),
    ));
});
