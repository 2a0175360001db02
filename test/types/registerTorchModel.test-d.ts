import { describe, expectTypeOf, it } from 'vitest';
import { registerTorchModel, type RegisteredModel, type TensorValue } from '../../src/index';
import type { OnnxModel } from '../../src/models/onnx/index';
import type { TorchModel } from '../../src/models/torch/index';

const where = { repositoryName: 'digits', modelNumber: null, modelInstance: './digits.pt' } as const;
const inputs = [{ name: 'x', dtype: 'float32', shape: [-1, 4] }] as const;

class Input {
  values!: number[];
}

describe('registerTorchModel', () => {
  it('takes a path, a URL, a model, or a promise of one', () => {
    expectTypeOf(registerTorchModel({ ...where, inputs })).resolves.toEqualTypeOf<RegisteredModel>();
    void registerTorchModel({ ...where, modelInstance: new URL('file:///digits.pt') });
    void registerTorchModel({ ...where, modelInstance: {} as TorchModel });
    void registerTorchModel({ ...where, modelInstance: {} as Promise<OnnxModel> });
    // @ts-expect-error -- not the bytes of a file
    void registerTorchModel({ ...where, modelInstance: new Uint8Array() });
  });

  it('knows the outputs where nothing is said, and takes what is said', () => {
    void registerTorchModel({
      ...where,
      postprocess: (outputs) => {
        expectTypeOf(outputs).toEqualTypeOf<Readonly<Record<string, TensorValue>>>();
        return outputs['output']?.dims;
      },
    });
    void registerTorchModel({
      ...where,
      preprocess: ({ values }: Input) => values,
      postprocess: ({ output }: { output: { data: Float32Array } }, { signal }) => [
        output.data[0],
        signal.aborted,
      ],
      input: () => Input,
    });
  });

  it('refuses what cannot be', () => {
    // @ts-expect-error -- no such runtime
    void registerTorchModel({ ...where, runtime: 'tensorflow' });
    // @ts-expect-error -- no such type of tensors
    void registerTorchModel({ ...where, inputs: [{ name: 'x', dtype: 'float', shape: [4] }] });
    // @ts-expect-error -- a range has two ends
    void registerTorchModel({ ...where, inputs: [{ ...inputs[0], range: [1] }] });
    // @ts-expect-error -- a class cannot be had by its name
    void registerTorchModel({ ...where, input: 'Input' });
    // @ts-expect-error -- the number must be said: null for a new one
    void registerTorchModel({ repositoryName: 'digits', modelInstance: './digits.pt' });
  });
});
