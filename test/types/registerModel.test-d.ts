import { describe, expectTypeOf, it } from 'vitest';
import { registerModel, type RegisteredModel } from '../../src/index';
import type { OnnxModel } from '../../src/models/onnx/index';

class Iris {}
declare const onnx: OnnxModel;
const names = { repositoryName: 'iris', modelNumber: null };
const code = { runner: Iris, entry: './iris.runner.ts' };

describe('what registerModel takes', () => {
  it('is a runner with its entry, or an ONNX model alone', () => {
    expectTypeOf(
      registerModel({ ...names, ...code, modelInstance: { weights: [1] } }),
    ).resolves.toEqualTypeOf<RegisteredModel>();
    void registerModel({
      ...names,
      ...code,
      modelInstance: onnx,
      artifacts: { a: 'a' },
      requirements: ['sharp'],
    });
    void registerModel({ ...names, ...code, artifacts: { 'x.onnx': 'x.onnx' } });
    void registerModel({ ...names, modelInstance: onnx, maxBatchSize: 8 });
    void registerModel({ ...names, modelInstance: Promise.resolve(onnx) });
  });

  it('is neither half of the one, nor parts of both', () => {
    // @ts-expect-error a runner without its entry
    void registerModel({ ...names, runner: Iris, modelInstance: onnx });
    // @ts-expect-error an entry without the runner
    void registerModel({ ...names, entry: './iris.runner.ts', modelInstance: onnx });
    // @ts-expect-error artifacts are for a runner class
    void registerModel({ ...names, modelInstance: onnx, artifacts: { a: 'a' } });
    // @ts-expect-error requirements are for a runner class
    void registerModel({ ...names, modelInstance: onnx, requirements: ['sharp'] });
    // @ts-expect-error a size of batches is what the class says itself
    void registerModel({ ...names, ...code, modelInstance: onnx, maxBatchSize: 8 });
    // @ts-expect-error no runner can be made of any object
    void registerModel({ ...names, modelInstance: { weights: [1] } });
    // @ts-expect-error nor of a path
    void registerModel({ ...names, modelInstance: 'iris.onnx' });
    // @ts-expect-error nor of nothing
    void registerModel({ ...names });
  });
});
