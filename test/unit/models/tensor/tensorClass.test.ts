import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { createRunner } from '../../../../src/lifecycle/createRunner';
import type { ModelTensor } from '../../../../src/models/tensor/ModelSignature';
import { makeModelRunner } from '../../../../src/models/tensor/makeModelRunner';
import { tensorClass } from '../../../../src/models/tensor/tensorClass';
import type { TensorModel } from '../../../../src/models/tensor/TensorModel';

const named = (...names: string[]) =>
  names.map((name) => ({ name, field: { kind: 'tensor', dtype: 'float32', shape: [2] } as const }));

describe('tensorClass', () => {
  it('has the name that documents show', () => {
    expect(tensorClass('ModelInput', named('x')).name).toBe('ModelInput');
  });

  it.each(['', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'])(
    'refuses a tensor named %j',
    (name) => {
      expect(() => tensorClass('ModelInput', named('x', name))).toThrow(
        expect.objectContaining({
          code: 'RW_MODEL_FILE_INVALID',
          what: `its tensor 1 has the name ${JSON.stringify(name)}, which no field can have`,
        }),
      );
    },
  );

  it('refuses a name that is there twice, and no names at all', () => {
    expect(() => tensorClass('ModelInput', named('x', 'y', 'x'))).toThrow(
      expect.objectContaining({ what: 'its tensor 2 has the name "x", as another one has' }),
    );
    expect(() => tensorClass('ModelInput', [])).toThrow(
      expect.objectContaining({ code: 'RW_MODEL_FILE_INVALID', where: 'ModelInput' }),
    );
  });

  it.each(['input.1', 'onnx::Gemm_0', 'a b', 'ü', '0', 'then', 'predict', 'x"]', 'a/b:0'])(
    'lets a runner take and give a tensor named %j',
    async (name) => {
      const tensors: ModelTensor[] = [{ name, dtype: 'float32', shape: ['n', 2] }];
      const signature = { inputs: tensors, outputs: tensors, batch: true } as const;
      const model: TensorModel = {
        signature,
        run: (inputs) => Promise.resolve(inputs),
        runMany: (items) => Promise.resolve([...items]),
        release: () => Promise.resolve(),
      };
      const handle = await createRunner(makeModelRunner({ name: 'made', signature }), { model });
      expect(await handle.run({ [name]: [1, 2] })).toMatchObject({ [name]: { dims: [2] } });
      await expect(handle.run({})).rejects.toMatchObject({
        code: 'RW_INPUT_INVALID',
        message: expect.stringContaining(`${name} must be a float32 tensor of shape [2]`) as string,
      });
      await handle.close();
    },
  );
});
