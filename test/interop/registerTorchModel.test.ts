import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  listModels,
  loadModel,
  readModel,
  registerTorchModel,
  type RegisterTorchOptions,
  type RunnerHandle,
} from '../../src/index';
import { createServer } from '../../src/server/index';
import { OnnxModel } from '../../src/models/onnx/index';
import { TorchModel } from '../../src/models/torch/index';
import { makeFolder, removeFolder } from '../integration/temporaryFolder';
import { requireProgram } from './requireProgram';
import { Measured, pick, scale, Winner } from './torchFunctions';

const PYTHON = process.env.RUNWRIGHT_PYTHON ?? '/usr/bin/python3';
const ROOT = join(__dirname, '../..');
const run = promisify(execFile);

const X = { name: 'x', dtype: 'float32', shape: [-1, 4] } as const;
const MLP = [{ ...X, name: 'input' }];
const ROW = [0.5, -1, 2, 0.25];

let folder = '';
let registry = '';

const register = (file: string, options: Partial<RegisterTorchOptions<never, never>> = {}) =>
  registerTorchModel({
    repositoryName: file.replace(/\..*/, ''),
    modelNumber: null,
    modelInstance: join(folder, file),
    python: PYTHON,
    registry,
    ...options,
  });

const load = (reference: string): Promise<RunnerHandle> =>
  loadModel(reference, { registry, cache: join(folder, 'cache') });

/** What torch itself gives, as nested arrays. */
async function torch(file: string, ...inputs: readonly unknown[]): Promise<unknown> {
  const script = `import torch, json, sys
m = torch.jit.load(sys.argv[1]).eval()
out = m(*[torch.tensor(value) for value in json.loads(sys.argv[2])])
print(json.dumps([t.tolist() for t in out] if isinstance(out, tuple) else out.tolist()))`;
  const { stdout } = await run(PYTHON, ['-c', script, join(folder, file), JSON.stringify(inputs)]);
  return JSON.parse(stdout);
}

type Tensors = Record<string, { data: Float32Array; dims: readonly number[] }>;
const close = (values: readonly number[], precision = 5) =>
  values.map((value) => expect.closeTo(value, precision) as number);

const suite = requireProgram(PYTHON, ['-c', 'import torch'], `torch of ${PYTHON} (RUNWRIGHT_PYTHON)`);

const TORCH_2 = process.env.RUNWRIGHT_TORCH2_PYTHON ?? '';
const hasTorch2 =
  TORCH_2 !== '' &&
  spawnSync(TORCH_2, ['-c', 'import torch.export, onnxscript'], { stdio: 'ignore' }).status === 0;

// Not a failure where it is missing: Debian has torch 1.13, and torch 2 is gigabytes.
describe.skipIf(!hasTorch2)(
  hasTorch2
    ? 'exported programs (.pt2)'
    : 'exported programs (.pt2) (skipped: RUNWRIGHT_TORCH2_PYTHON names no Python with torch 2 and onnxscript)',
  () => {
    beforeAll(async () => {
      folder = await makeFolder();
      registry = join(folder, 'registry');
      execFileSync(TORCH_2, [join(__dirname, 'makeTorchModels.py'), folder], { stdio: 'pipe' });
    }, 120_000);
    afterAll(() => removeFolder(folder));

    it.each(['onnx', 'torch'] as const)('know their inputs (runtime %s)', async (runtime) => {
      const { reference } = await register('mlp.pt2', { runtime, python: TORCH_2 });
      const { manifest } = await readModel(reference, { registry });
      const [input] = manifest.model.signature?.inputs ?? [];
      expect(input).toMatchObject({ name: 'input', dtype: 'float32', shape: [expect.any(String), 4] });
      expect(manifest.model.signature?.batch).toBe(true);
      // The program says that a batch has at most 64 items; by default there are 32.
      expect(manifest.runner.batch).toEqual({ maxSize: 32 });
      if (runtime === 'onnx') expect(manifest.model.parity).toMatchObject({ cases: 32, batchSizes: [1, 3] });
      const before = process.env.RUNWRIGHT_PYTHON;
      process.env.RUNWRIGHT_PYTHON = TORCH_2;
      const handle = await load(reference);
      const { output } = (await handle.run({ input: ROW })) as Tensors;
      expect(output?.dims).toEqual([3]);
      await handle.close();
      if (before === undefined) delete process.env.RUNWRIGHT_PYTHON;
      else process.env.RUNWRIGHT_PYTHON = before;
    });

    it('need torch 2', async () => {
      await expect(register('mlp.pt2')).rejects.toMatchObject({
        code: 'RW_PYTHON_MISSING',
        message: expect.stringContaining('2.1') as string,
      });
    });
  },
);

suite('registerTorchModel', () => {
  beforeAll(async () => {
    folder = await makeFolder();
    registry = join(folder, 'registry');
    execFileSync(PYTHON, [join(__dirname, 'registerTorchModels.py'), folder], { stdio: 'pipe' });
  }, 120_000);
  afterAll(() => removeFolder(folder));

  it('exports, compares, and serves without Python', async () => {
    const { reference } = await register('mlp.pt', { inputs: MLP });
    const { manifest } = await readModel(reference, { registry });
    const { parity, signature, format } = manifest.model;
    expect(format).toBe('onnx');
    expect(signature).toEqual({
      inputs: [{ name: 'input', dtype: 'float32', shape: ['batch', 4] }],
      outputs: [{ name: 'output', dtype: 'float32', shape: ['batch', 3] }],
      batch: true,
    });
    expect(parity).toMatchObject({ cases: 32, batchSizes: [1, 3], rtol: 1e-4 });
    expect(Object.keys(parity?.runtimes ?? {}).sort()).toEqual(['onnxruntime-node', 'torch']);
    expect(parity?.outputs).toHaveLength(1);
    expect(parity?.outputs[0]).toMatchObject({ name: 'output', elements: 16 * 1 * 3 + 16 * 3 * 3 });
    expect(parity?.outputs[0]?.maxAbsolute).toBeLessThan(1e-5);
    expect(manifest.runner.export).toBeNull();

    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      const handle = await load(reference);
      const server = await createServer([handle]);
      const expected = (await torch('mlp.pt', [ROW]).catch(() => null)) as number[][] | null;
      expect(expected).not.toBeNull();
      const answer = await server.inject({ method: 'POST', url: '/predict', payload: { input: ROW } });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ output: close(expected?.[0] ?? []) });
      const infer = await server.inject({
        method: 'POST',
        url: '/v2/models/mlp/infer',
        payload: { inputs: [{ name: 'input', datatype: 'FP32', shape: [2, 4], data: [...ROW, ...ROW] }] },
      });
      const [output] = infer.json<{ outputs: { shape: number[]; data: number[] }[] }>().outputs;
      expect(output?.shape).toEqual([2, 3]);
      expect(output?.data).toEqual(close([...(expected?.[0] ?? []), ...(expected?.[0] ?? [])]));
      await server.close();
      await handle.close();
    } finally {
      process.env.PATH = path;
    }
  });

  it('gives the same digest again', async () => {
    const one = await register('cnn.pt', {
      inputs: [{ name: 'input', dtype: 'float32', shape: [-1, 1, 28, 28], range: [0, 1] }],
    });
    const other = await register('cnn.pt', {
      inputs: [{ name: 'input', dtype: 'float32', shape: [-1, 1, 28, 28], range: [0, 1] }],
    });
    expect(other.digest).toBe(one.digest);
    expect(other.number).toBe(one.number + 1);
  });

  it.each([
    ['lstm.pt', [{ name: 'steps', dtype: 'float32', shape: [-1, -1, 4] }]],
    [
      'pair.pt',
      [
        { ...X, name: 'left' },
        { ...X, name: 'right' },
      ],
    ],
    ['embed.pt', [{ name: 'ids', dtype: 'int64', shape: [-1, 4], range: [0, 49] }]],
    ['choice.pt', [X]],
    ['sharp.pt', [{ ...X, range: [-1, 1] }]],
    ['mlp.pt', [{ ...X, name: 'a_name_of_mine' }]],
  ] as const)('%s is exported and equal', async (file, inputs) => {
    const { reference } = await register(file, { inputs });
    const { manifest } = await readModel(reference, { registry });
    expect(manifest.model.parity?.cases).toBe(32);
    expect(manifest.model.signature?.inputs.map(({ name }) => name)).toEqual(inputs.map(({ name }) => name));
  });

  it('answers a batch, an id and two outputs as torch does', async () => {
    const pair = await load('pair');
    const answer = (await pair.run({ left: ROW, right: [1, 1, 1, 1] })) as Tensors;
    expect([...(answer['output_0']?.data ?? [])]).toEqual(close(ROW.map((value) => value + 1)));
    expect([...(answer['output_1']?.data ?? [])]).toEqual(close(ROW));
    await pair.close();
    const embed = await load('embed');
    const { output } = (await embed.run({ ids: [1, 2, 3, 49] })) as Tensors;
    expect([...(output?.data ?? [])]).toEqual(
      close(((await torch('embed.pt', [[1, 2, 3, 49]])) as number[][])[0] ?? []),
    );
    await embed.close();
  });

  it('tries the examples too, of which one may have sizes of its own', async () => {
    const steps = [[[1, 2, 3, 4]], [[0, 0, 0, 1]]];
    const inputs = [{ name: 'steps', dtype: 'float32', shape: [-1, -1, 4], examples: [steps] } as const];
    const { reference } = await register('lstm.pt', { inputs });
    expect((await readModel(reference, { registry })).manifest.model.parity?.cases).toBe(33);
    await expect(
      register('lstm.pt', { inputs: [{ ...(inputs[0] as object), examples: [[1, 2]] }] as never }),
    ).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      where: expect.stringContaining('example 0') as string,
    });
  });

  it('takes functions that stand alone', async () => {
    const { reference } = await register('mlp.pt', {
      inputs: MLP,
      preprocess: ({ values }: { values: number[] }) => values.map((value) => value * 2),
      postprocess: async ({ output }: { output: { data: Float32Array } }) => {
        const { basename } = await import('node:path');
        return { best: output.data.indexOf(Math.max(...output.data)), name: basename('/a/b') };
      },
    });
    const handle = await load(reference);
    const [doubled] = (await torch('mlp.pt', [ROW.map((value) => value * 2)])) as number[][];
    const best = doubled?.indexOf(Math.max(...doubled));
    expect(await handle.run({ values: ROW })).toEqual({ best, name: 'b' });
    const outcomes = await handle.runMany([{ values: ROW }, { values: [1] }, { values: ROW }]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toMatchObject({
      error: {
        code: 'RW_STAGE_FAILED',
        message: expect.stringContaining('float32 tensor of shape [4]') as string,
      },
    });
    await handle.close();
  });

  it('installs what a function reaches by import(), at the version of the project', async () => {
    // In a process of its own: Vitest rewrites imports.
    const script = join(folder, 'requirement.mjs');
    await writeFile(
      script,
      `import { createRequire } from 'node:module';
const { registerTorchModel, loadModel } = createRequire('${ROOT}/')('${ROOT}/dist/index.js');
const { reference } = await registerTorchModel({
  repositoryName: 'required', modelNumber: null, modelInstance: ${JSON.stringify(join(folder, 'mlp.pt'))},
  python: ${JSON.stringify(PYTHON)}, registry: ${JSON.stringify(registry)},
  inputs: [{ name: 'input', dtype: 'float32', shape: [-1, 4] }],
  requirements: ['pend'],
  postprocess: async ({ output }) => {
    const { default: Pend } = await import('pend');
    return { size: output.data.length, pend: typeof new Pend().go };
  },
});
const handle = await loadModel(reference, { registry: ${JSON.stringify(registry)}, cache: ${JSON.stringify(join(folder, 'cache'))} });
console.log(JSON.stringify(await handle.run({ input: [1, 2, 3, 4] })));
await handle.close();
`,
    );
    const { stdout } = await run(process.execPath, [script], { cwd: ROOT });
    expect(JSON.parse(stdout)).toEqual({ size: 3, pend: 'function' });
    const { manifest } = await readModel('required', { registry });
    expect(manifest.requirements.packages.map(({ name }) => name)).toEqual(['pend']);
  });

  it('takes what leans on its module from the entry, types too', async () => {
    const options = {
      inputs: MLP,
      preprocess: scale,
      postprocess: pick,
      input: () => Measured,
      output: Winner,
    };
    await expect(register('mlp.pt', options)).rejects.toMatchObject({
      code: 'RW_FUNCTION_INVALID',
      message: expect.stringContaining('LARGEST') as string,
    });
    const entry = join(__dirname, 'torchFunctions.ts');
    const { reference } = await register('mlp.pt', { ...options, entry });
    const handle = await load(reference);
    expect(await handle.run({ values: ROW })).toEqual({ winner: expect.any(Number) as number });
    await expect(handle.run({ values: 'wide' })).rejects.toMatchObject({ code: 'RW_INPUT_INVALID' });
    await handle.close();
    const stranger = {
      ...options,
      preprocess: function strange() {
        return scale;
      },
    };
    await expect(register('mlp.pt', { ...stranger, entry })).rejects.toMatchObject({
      code: 'RW_FUNCTION_INVALID',
      message: expect.stringContaining('entry') as string,
    });
  });

  it('runs in Python what cannot be exported', async () => {
    await expect(register('dictionary.pt', { inputs: [X] })).rejects.toMatchObject({
      code: 'RW_EXPORT_FAILED',
      message: expect.stringContaining("runtime: 'torch'") as string,
    });
    const { reference } = await register('dictionary.pt', { inputs: [X], runtime: 'torch' });
    const { manifest } = await readModel(reference, { registry });
    expect(manifest.model).toMatchObject({
      format: 'torch',
      signature: {
        outputs: [
          { name: 'scores', dtype: 'float32', shape: ['batch', 4] },
          { name: 'largest', dtype: 'int64', shape: ['batch'] },
        ],
      },
    });
    const before = process.env.RUNWRIGHT_PYTHON;
    process.env.RUNWRIGHT_PYTHON = PYTHON;
    const handle = await load(reference);
    const [one, two] = (await Promise.all([handle.run({ x: ROW }), handle.run({ x: [9, 0, 0, 0] })])) as {
      largest: { data: BigInt64Array };
    }[];
    expect([one?.largest.data[0], two?.largest.data[0]]).toEqual([2n, 0n]);
    await handle.close();
    await expect(handle.run({ x: ROW })).rejects.toMatchObject({ code: 'RW_HANDLE_STATE' });
    process.env.RUNWRIGHT_PYTHON = '/nonexistent/python';
    await expect(load(reference)).rejects.toMatchObject({ code: 'RW_PYTHON_MISSING' });
    if (before === undefined) delete process.env.RUNWRIGHT_PYTHON;
    else process.env.RUNWRIGHT_PYTHON = before;
  });

  it('runs in Python what is random on purpose', async () => {
    const warnings: string[] = [];
    const { reference } = await register('random.pt', {
      inputs: [X],
      runtime: 'torch',
      onWarning: ({ what }: { readonly what: string }) => void warnings.push(what),
    });
    expect(warnings).toEqual([expect.stringMatching(/one by one: the model does not repeat itself/)]);
    const { manifest } = await readModel(reference, { registry });
    expect(manifest.model).toMatchObject({
      format: 'torch',
      signature: { outputs: [{ shape: ['batch', 4] }] },
    });
  });

  it('refuses one name for an input and an output, before it is exported', async () => {
    const registering = register('mlp.pt', { inputs: [{ ...X, name: 'output' }] });
    await expect(registering).rejects.toMatchObject({
      code: 'RW_EXPORT_FAILED',
      what: expect.stringContaining('both named output') as string,
    });
  });

  it('leaves nothing that fails later when it is called off before it begins', async () => {
    const registering = register('mlp.pt', { inputs: [X], signal: AbortSignal.abort() });
    await expect(registering).rejects.toMatchObject({ code: 'RW_ABORTED' });
  });

  it('an ONNX file that came from torch needs no Python', async () => {
    const { reference } = await register('mlp.onnx', { python: '/nonexistent/python' });
    const { manifest } = await readModel(reference, { registry });
    expect(manifest.model).toMatchObject({ format: 'onnx', signature: { batch: true } });
    expect(manifest.model.parity).toBeUndefined();
    await expect(register('mlp.onnx', { inputs: [X] })).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    const modelInstance = await OnnxModel.fromFile(join(folder, 'mlp.onnx'));
    const inPython = register('mlp.onnx', { modelInstance, runtime: 'torch' });
    await expect(inPython).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    await modelInstance.release();
  });

  it('takes a TorchModel for a path', async () => {
    const modelInstance = await TorchModel.fromFile(join(folder, 'mlp.pt'), {
      inputs: [{ ...X, name: 'input' }],
    });
    const { reference } = await register('mlp.pt', { modelInstance });
    expect((await readModel(reference, { registry })).manifest.model.signature?.batch).toBe(true);
  });

  it.each(['onnx', 'torch'] as const)(
    'runs items one by one that depend on each other (runtime %s)',
    async (runtime) => {
      const { reference } = await register('centred.pt', { inputs: [X], runtime });
      const { manifest } = await readModel(reference, { registry });
      expect(manifest.runner.batch).toBeNull();
      expect(manifest.model.signature).toMatchObject({
        batch: false,
        batchReason: expect.stringMatching(/depends on the other items/) as string,
      });
      const handle = await load(reference);
      const answers = (await Promise.all(
        [1, 5, 9].map((value) => handle.run({ x: [[value, 0, 0, 0]] })),
      )) as Tensors[];
      expect(answers.map(({ output }) => output?.data[0])).toEqual([0, 0, 0]);
      await handle.close();
    },
  );

  it('keeps what a TorchModel was made with', async () => {
    const make = (options: object) =>
      TorchModel.fromFile(join(folder, 'mlp.pt'), { inputs: [{ ...X, name: 'input' }], ...options });
    for (const runtime of ['onnx', 'torch'] as const) {
      const modelInstance = await make({ batch: false });
      const { reference } = await register('mlp.pt', { modelInstance, runtime });
      expect((await readModel(reference, { registry })).manifest.model.signature?.batch).toBe(false);
    }
    const modelInstance = await make({ python: '/nonexistent/python' });
    await expect(register('mlp.pt', { modelInstance, python: undefined })).rejects.toMatchObject({
      code: 'RW_PYTHON_MISSING',
    });
  });

  it.each([
    ['state.pt', {}, 'RW_MODEL_FILE_INVALID', /torch\.jit\.trace/],
    ['module.pt', {}, 'RW_MODEL_FILE_INVALID', /torch\.jit\.trace/],
    ['absent.pt', {}, 'RW_MODEL_FILE_INVALID', /no such file/],
    ['mlp.pt', { inputs: undefined }, 'RW_OPTION_INVALID', /the file has the input input/],
    ['mlp.pt', { inputs: [X, { ...X, name: 'y' }] }, 'RW_OPTION_INVALID', /The file has the inputs input/],
    ['mlp.pt', { inputs: [{ ...X, shape: [-1, 7] }] }, 'RW_STAGE_FAILED', /float32 \[1, 7\]/],
    [
      'embed.pt',
      { inputs: [{ name: 'ids', dtype: 'int64', shape: [-1, 4], range: [0, 99] }] },
      'RW_STAGE_FAILED',
      /`range`/,
    ],
    ['dropout.pt', {}, 'RW_PARITY_FAILED', /model\.eval\(\)/],
    ['random.pt', {}, 'RW_PARITY_FAILED', /does not repeat itself/],
    [
      'mlp.pt',
      { tolerance: { atol: 0, rtol: 0 } },
      'RW_PARITY_FAILED',
      /element \d+ of output, for .*: torch gives .*, the export .*is allowed/,
    ],
    ['mlp.pt', { tolerance: { atol: -1 } }, 'RW_OPTION_INVALID', /tolerance\.atol/],
    ['mlp.pt', { runtime: 'tensorflow' }, 'RW_OPTION_INVALID', /runtime/],
    ['mlp.pt', { cases: 3 }, 'RW_OPTION_INVALID', /32/],
    ['mlp.pt', { python: '/nonexistent/python' }, 'RW_PYTHON_MISSING', /no such program/],
    ['mlp.pt', { input: () => Measured }, 'RW_OPTION_INVALID', /`entry`/],
    // Before Python is looked for.
    [
      'mlp.pt',
      { requirements: ['left-pad'], python: '/nonexistent/python' },
      'RW_OPTION_INVALID',
      /requirements/,
    ],
    ['unused.pt', { inputs: [X, { ...X, name: 'ignored' }] }, 'RW_EXPORT_FAILED', /no input ignored/],
    ['mlp.pt', { memoryLimit: 50_000_000 }, 'RW_WORKER_FAILED', /50/],
  ] as const)(
    '%s with %o is refused (%s), and nothing is registered',
    async (file, options, code, message) => {
      const before = await listModels({ registry });
      await expect(register(file, { inputs: [X], ...options } as never)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      });
      expect(await listModels({ registry })).toEqual(before);
    },
  );

  it('can be stopped, and leaves no process', async () => {
    const stop = new AbortController();
    const phases = new Set<string>();
    const work = register('mlp.pt', {
      inputs: MLP,
      signal: stop.signal,
      onProgress: ({ phase }) => {
        phases.add(phase);
        if (phase === 'compare') stop.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(phases).toContain('export');
    const { stdout } = await run('ps', ['-o', 'args=', '--ppid', String(process.pid)]);
    expect(stdout).not.toMatch(/sidecar|onnxMain/);
  });

  it('can be stopped while Python starts', async () => {
    const stop = new AbortController();
    const work = register('mlp.pt', {
      inputs: MLP,
      signal: stop.signal,
      onProgress: () => setTimeout(() => stop.abort(), 50),
    });
    await expect(work).rejects.toMatchObject({ code: 'RW_ABORTED', where: join(folder, 'mlp.pt') });
    const { stdout } = await run('ps', ['-o', 'args=', '--ppid', String(process.pid)]);
    expect(stdout).not.toMatch(/sidecar|onnxMain/);
  });

  it('a Python without torch, and one with an old one, are told apart', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    const fake = async (name: string, torchVersion: string | null): Promise<string> => {
      const path = join(bin, name);
      const answer = JSON.stringify({ path, python: '3.8.0', torch: torchVersion });
      await writeFile(path, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
      return path;
    };
    await expect(register('mlp.pt', { inputs: MLP, python: await fake('none', null) })).rejects.toMatchObject(
      {
        code: 'RW_PYTHON_MISSING',
        message: expect.stringContaining('without torch') as string,
      },
    );
    await expect(
      register('mlp.pt', { inputs: MLP, python: await fake('old', '1.9.0') }),
    ).rejects.toMatchObject({
      code: 'RW_PYTHON_MISSING',
      message: expect.stringContaining('1.9.0') as string,
    });
    await rm(bin, { recursive: true });
  });

  it('the command line shows the report', async () => {
    const { stdout } = await run(process.execPath, [
      join(__dirname, '../../dist/cli/main.js'),
      'show',
      'lstm',
      '--registry',
      registry,
    ]);
    expect(stdout).toMatch(/parity +equal within the tolerance: .*torch .*32|33 inputs/);
    expect(stdout).toMatch(/output: \d+ elements, at most .* apart/);
  });
});
