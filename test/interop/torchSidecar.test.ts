import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tensor } from 'onnxruntime-common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadInstance } from '../../src/models/loadInstance';
import { saveInstance } from '../../src/models/saveInstance';
import { inspectTorchFile } from '../../src/models/torch/inspectTorchFile';
import { TorchModel } from '../../src/models/torch/TorchModel';
import type { TorchModelOptions } from '../../src/models/torch/TorchModelOptions';
import { TorchSidecar } from '../../src/models/torch/TorchSidecar';
import { makeTensor } from '../../src/schema/makeTensor';
import { requireProgram } from './requireProgram';

const PYTHON = process.env.RUNWRIGHT_PYTHON ?? '/usr/bin/python3';
const TORCH_2 = process.env.RUNWRIGHT_TORCH2_PYTHON ?? '';
const ROOT = join(__dirname, '../..');
const PROGRAM = join(ROOT, 'src/models/torch/python/sidecar.py');
const hasTorch2 =
  TORCH_2 !== '' &&
  spawnSync(TORCH_2, ['-c', 'import torch.export, onnxscript'], { stdio: 'ignore' }).status === 0;

const floats = (values: readonly number[], dims: readonly number[]): Tensor =>
  makeTensor('float32', Float32Array.from(values), dims);
const count = (number: number): Tensor => floats([number], [1]);
const batchOf = (rows: number): Tensor =>
  floats(
    Array.from({ length: rows * 4 }, (_, at) => at / 7),
    [rows, 4],
  );
const MLP: TorchModelOptions = { inputs: [{ name: 'input', dtype: 'float32', shape: ['batch', 4] }] };
const SCALAR: TorchModelOptions = { inputs: [{ name: 'x', dtype: 'float32', shape: [-1] }] };

/** Whether a process is there; a dead one whose parent has not asked for it does not count. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const begin = Date.now(); !condition(); await sleep(20)) {
    if (Date.now() - begin > 20_000) throw new Error(`it never came about: ${what}`);
  }
}

const childrenOf = (pid: number): number[] =>
  spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.trim() !== '')
    .map(Number);

let folder = '';
const open: { release(): Promise<void> }[] = [];

async function modelOf(name: string, options: TorchModelOptions = {}): Promise<TorchModel> {
  const model = await TorchModel.fromFile(join(folder, name), { python: PYTHON, ...options });
  open.push(model);
  return model;
}

async function sidecarOf(name: string, memoryLimit?: number): Promise<TorchSidecar> {
  const sidecar = new TorchSidecar({
    python: PYTHON,
    program: PROGRAM,
    where: name,
    threads: 1,
    memoryLimit,
  });
  open.push({ release: () => sidecar.close() });
  await sidecar.load(join(folder, name), 'torchscript', [], { timeout: 60_000 });
  return sidecar;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.release()));
});

requireProgram(
  PYTHON,
  ['-c', 'import torch'],
  `torch of ${PYTHON} (RUNWRIGHT_PYTHON)`,
)('torch files', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-torch-'));
    execFileSync(PYTHON, [join(__dirname, 'makeTorchModels.py'), folder], { stdio: 'pipe' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe('are told apart without being loaded', () => {
    it('knows TorchScript', async () => {
      expect(await inspectTorchFile(join(folder, 'mlp.pt'))).toBe('torchscript');
    });

    it.each(['module.pt', 'state.pt', 'legacy.pt'])(
      'refuses the pickle %s and says how to save',
      async (name) => {
        await expect(modelOf(name)).rejects.toMatchObject({
          code: 'RW_MODEL_FILE_INVALID',
          what: expect.stringContaining('pickle') as string,
          hint: expect.stringMatching(/torch\.jit\.trace\(model\.eval\(\), example\)\.save/) as string,
        });
      },
    );

    it('refuses one that is cut off', async () => {
      const bytes = readFileSync(join(folder, 'mlp.pt'));
      writeFileSync(join(folder, 'cut.pt'), bytes.subarray(0, bytes.length / 2));
      await expect(modelOf('cut.pt')).rejects.toMatchObject({
        code: 'RW_MODEL_FILE_INVALID',
        what: expect.stringContaining('cut off') as string,
      });
    });
  });

  describe('run', () => {
    it('gives what torch gives', async () => {
      const model = await modelOf('mlp.pt', MLP);
      const { output } = await model.run({ input: batchOf(3) });
      const script = `import torch, json; m = torch.jit.load(${JSON.stringify(join(folder, 'mlp.pt'))}).eval()
print(json.dumps(m((torch.arange(12, dtype=torch.float64) / 7).float().reshape(3, 4)).flatten().tolist()))`;
      const expected = JSON.parse(execFileSync(PYTHON, ['-c', script], { encoding: 'utf8' })) as number[];
      expect(output?.dims).toEqual([3, 3]);
      expect([...(output?.data as Float32Array)]).toEqual(expected);
    });

    it.each([
      ['cnn.pt', { input: floats(Array<number>(128).fill(0.5), [2, 1, 8, 8]) }, [[2, 2]]],
      ['lstm.pt', { x: floats(Array<number>(48).fill(0.5), [2, 6, 4]) }, [[2, 6, 5]]],
      ['embed.pt', { ids: makeTensor('int64', BigInt64Array.from([1n, 2n, 9n, 0n]), [1, 4]) }, [[1, 3]]],
    ])('runs %s', async (name, inputs, shapes) => {
      const sidecar = await sidecarOf(name);
      const outputs = await sidecar.run(inputs, { timeout: 10_000 });
      expect(Object.values(outputs).map(({ dims }) => dims)).toEqual(shapes);
    });

    it('takes two inputs in any order, and flattens nested outputs', async () => {
      const sidecar = await sidecarOf('two.pt');
      const { output_0, output_1, output_2 } = await sidecar.run(
        { right: floats([1, 2], [1, 2]), left: floats([10, 20], [1, 2]) },
        { timeout: 10_000 },
      );
      expect([output_0, output_1, output_2].map((tensor) => [...(tensor?.data as Float32Array)])).toEqual([
        [11, 22],
        [10, 40],
        [9, 18],
      ]);
    });

    it('takes the keys of a dict as names', async () => {
      const sidecar = await sidecarOf('named.pt');
      const { double, isLarge } = await sidecar.run({ x: floats([1, 2], [1, 2]) }, { timeout: 10_000 });
      expect(double?.data).toEqual(Float32Array.from([2, 4]));
      expect([isLarge?.type, isLarge?.data]).toEqual(['bool', Uint8Array.from([0, 1])]);
    });

    it('gives every type of element, empty tensors and scalars among them', async () => {
      const sidecar = await sidecarOf('halves.pt');
      for (const [values, dims] of [
        [[1.5, -2, 3], [3]],
        [[], [0, 2]],
        [[1.5], []],
      ] as const) {
        const outputs = Object.values(await sidecar.run({ x: floats(values, dims) }, { timeout: 10_000 }));
        expect(outputs.map(({ type }) => type)).toEqual(['float16', 'int8', 'bool', 'float64', 'uint8']);
        expect(outputs.map((tensor) => tensor.dims)).toEqual(Array(5).fill(dims));
        expect(outputs[3]?.data).toEqual(Float64Array.from(values));
      }
    });

    it.each([
      ['brain.pt', /bfloat16 as output/],
      ['text.pt', /the model gave str, not a tensor/],
    ])('says what came from %s', async (name, what) => {
      const sidecar = await sidecarOf(name);
      await expect(sidecar.run({ x: count(1) }, { timeout: 10_000 })).rejects.toThrow(what);
    });

    it('says what torch says of inputs that it does not take', async () => {
      const sidecar = await sidecarOf('mlp.pt');
      const failing = sidecar.run({ input: floats([1], [1, 1]) }, { timeout: 10_000 });
      await expect(failing).rejects.toMatchObject({
        code: 'RW_STAGE_FAILED',
        what: expect.stringContaining('mat1 and mat2') as string,
      });
      expect((await sidecar.run({ input: batchOf(1) }, { timeout: 10_000 })).output?.dims).toEqual([1, 3]);
    });

    it('lets a model print', async () => {
      const sidecar = await sidecarOf('printing.pt');
      const { output } = await sidecar.run({ x: count(7) }, { timeout: 10_000 });
      expect(output?.data).toEqual(Float32Array.from([7]));
    });

    it('answers many in flight, each with its own', async () => {
      const sidecar = await sidecarOf('named.pt');
      const numbers = Array.from({ length: 200 }, (_, at) => at);
      const answers = await Promise.all(
        numbers.map((number) => sidecar.run({ x: count(number) }, { timeout: 10_000 })),
      );
      expect(answers.map(({ double }) => double?.data[0])).toEqual(numbers.map((number) => number * 2));
    });

    it('carries tensors that are larger than any pipe', async () => {
      const sidecar = await sidecarOf('printing.pt');
      const values = Float32Array.from({ length: 3_000_001 }, (_, at) => at);
      const { output } = await sidecar.run(
        { x: makeTensor('float32', values, [values.length]) },
        { timeout: 60_000 },
      );
      const { buffer, byteOffset, byteLength } = output?.data as Float32Array;
      expect(Buffer.from(buffer, byteOffset, byteLength).equals(Buffer.from(values.buffer))).toBe(true);
    });

    it('is not a repeatable model when dropout was traced in train mode', async () => {
      const sidecar = await sidecarOf('dropout.pt');
      const run = async () => (await sidecar.run({ input: batchOf(8) }, { timeout: 10_000 })).output?.data;
      expect(await run()).not.toEqual(await run());
    });
  });

  describe('are programs', () => {
    it('that may write files', async () => {
      const sidecar = await sidecarOf('writing.pt');
      await sidecar.run({ x: count(1) }, { timeout: 10_000 });
      expect(existsSync(join(folder, 'written.bin'))).toBe(true);
    });

    it('whose pickles do not run Python', async () => {
      const model = await modelOf('harm.pt', MLP);
      await expect(model.start()).rejects.toMatchObject({ code: 'RW_MODEL_FILE_INVALID' });
      expect(existsSync(join(folder, 'harmed'))).toBe(false);
    });
  });

  describe('when something goes wrong', () => {
    it('fails every call in flight when the process is killed, and starts another', async () => {
      const model = await modelOf('slow.pt', SCALAR);
      await model.start();
      const [pid = 0] = childrenOf(process.pid).filter((child) => /sidecar/.test(commandOf(child)));
      const calls = [1e6, 1, 1].map((number) => model.run({ x: count(number) }));
      const outcomes = Promise.allSettled(calls);
      await sleep(100);
      process.kill(pid, 'SIGKILL');
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({
          status: 'rejected',
          reason: { code: 'RW_WORKER_FAILED', what: expect.stringContaining('SIGKILL') as string },
        });
      }
      expect((await model.run({ x: count(1) })).output?.dims).toEqual([1]);
    });

    it('ends a call that takes too long, and the calls behind it do not take its time', async () => {
      const model = await modelOf('slow.pt', { ...SCALAR, timeout: 1000 });
      await model.start();
      const [slow, next] = await Promise.allSettled(
        [1e6, 1].map((number) => model.run({ x: count(number) })),
      );
      expect(slow).toMatchObject({
        reason: { code: 'RW_DEADLINE', what: expect.stringContaining('1000 ms') as string },
      });
      expect(next).toMatchObject({ reason: { code: 'RW_WORKER_FAILED' } });
      expect((await model.run({ x: count(1) })).output?.dims).toEqual([1]);
    });

    it('takes nothing more into a process that is being ended for its time', async () => {
      const model = await modelOf('slow.pt', { ...SCALAR, timeout: 1000 });
      await model.start();
      for (let time = 0; time < 2; time += 1) {
        await expect(model.run({ x: count(1e6) })).rejects.toMatchObject({ code: 'RW_DEADLINE' });
        expect((await model.run({ x: count(1) })).output?.dims).toEqual([1]);
      }
    });

    it('drops a call that has not begun when its caller leaves', async () => {
      const sidecar = await sidecarOf('slow.pt');
      const leaving = new AbortController();
      const first = sidecar.run({ x: count(20) }, { timeout: 20_000 });
      const begin = Date.now();
      const dropped = sidecar.run({ x: count(1e6) }, { timeout: 20_000, signal: leaving.signal });
      leaving.abort(new Error('gone'));
      await expect(dropped).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await first;
      await sidecar.run({ x: count(1) }, { timeout: 20_000 });
      expect(Date.now() - begin).toBeLessThan(19_000);
    });

    it('ends a process that has more memory than it may', async () => {
      const sidecar = await sidecarOf('greedy.pt', 600_000_000);
      const greedy = sidecar.run({ x: count(500) }, { timeout: 60_000 });
      await expect(greedy).rejects.toMatchObject({
        code: 'RW_WORKER_FAILED',
        what: expect.stringContaining('more than the limit of 600 MB') as string,
      });
    });

    it('ends in the middle of a computation when it is closed', async () => {
      const sidecar = await sidecarOf('slow.pt');
      const { pid = 0 } = sidecar;
      const call = sidecar.run({ x: count(1e6) }, { timeout: 60_000 });
      const outcome = expect(call).rejects.toMatchObject({ code: 'RW_WORKER_FAILED' });
      await sleep(100);
      await sidecar.close();
      await outcome;
      expect(isAlive(pid)).toBe(false);
    });

    it('says so when the Python is none', async () => {
      const sidecar = new TorchSidecar({ python: '/no/such/python', program: PROGRAM, where: 'mlp.pt' });
      await expect(sidecar.load('mlp.pt', 'torchscript', [], { timeout: 1000 })).rejects.toMatchObject({
        code: 'RW_WORKER_FAILED',
        what: expect.stringContaining('could not be started') as string,
      });
      await sidecar.close();
    });

    it('refuses calls after it was released', async () => {
      const model = await modelOf('mlp.pt', MLP);
      await model.run({ input: batchOf(1) });
      await model.release();
      await model.release();
      await expect(model.run({ input: batchOf(1) })).rejects.toMatchObject({ code: 'RW_HANDLE_STATE' });
    });
  });

  describe('and the process that owns the side-car', () => {
    const parent = (rest: string): string[] => [
      '-e',
      `const { TorchModel } = require(${JSON.stringify(join(ROOT, 'dist/models/torch/index.js'))});
       (async () => {
         const model = await TorchModel.fromFile(${JSON.stringify(join(folder, 'slow.pt'))},
           { python: ${JSON.stringify(PYTHON)}, inputs: [{ name: 'x', dtype: 'float32', shape: [-1] }] });
         await model.start();
         ${rest}
       })();`,
    ];

    it('takes it along when it is killed, in the middle of a computation', async () => {
      const { Tensor } = { Tensor: JSON.stringify(require.resolve('onnxruntime-common')) };
      const child = spawn(
        process.execPath,
        parent(`const { Tensor } = require(${Tensor});
          model.run({ x: new Tensor('float32', [1e6], [1]) }); console.log('running');`),
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(child.stdout, 'data');
      const [sidecar = 0] = childrenOf(child.pid ?? 0);
      expect(isAlive(sidecar)).toBe(true);
      await sleep(200);
      child.kill('SIGKILL');
      await until(() => !isAlive(sidecar), 'the side-car ends with its parent');
    });

    it('ends while it has one that is idle', async () => {
      const child = spawn(process.execPath, parent(''), { stdio: 'inherit' });
      expect(await once(child, 'exit')).toEqual([0, null]);
    });
  });

  describe('are models', () => {
    it('show their inputs when these are needed', async () => {
      const model = await modelOf('two.pt');
      await expect(model.start()).rejects.toMatchObject({
        code: 'RW_OPTION_INVALID',
        what: expect.stringContaining('the file has the inputs left, right') as string,
      });
    });

    it('ask for inputs also where there is no Python to read the names', async () => {
      const model = await modelOf('two.pt', { python: '/no/such/python' });
      await expect(model.start()).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
      const other = await modelOf('mlp.pt', { ...MLP, python: '/no/such/python' });
      await expect(other.start()).rejects.toMatchObject({ code: 'RW_PYTHON_MISSING' });
    });

    it('refuse inputs that the file does not have', async () => {
      const model = await modelOf('mlp.pt', {
        inputs: [
          { name: 'x', dtype: 'float32', shape: ['batch', 4] },
          { name: 'input', dtype: 'float32', shape: ['batch', 4] },
        ],
      });
      await expect(model.start()).rejects.toThrow(/has no input x.*The file has the inputs input/s);
      const renamed = await modelOf('mlp.pt', {
        inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 4] }],
      });
      expect((await renamed.start()).inputs).toMatchObject([{ name: 'x' }]);
    });

    it('check tensors before torch sees them', async () => {
      const model = await modelOf('mlp.pt', MLP);
      await expect(model.run({ input: floats([1], [1, 1]) })).rejects.toMatchObject({
        code: 'RW_TENSOR_INVALID',
      });
    });

    it('stack where dimension 0 is the batch', async () => {
      const model = await modelOf('mlp.pt', MLP);
      await model.start();
      model.declareOutputs([{ name: 'output', dtype: 'float32', shape: ['batch', 3] }]);
      expect(model.signature.batch).toBe(true);
      const items = [1, 3, 2].map((rows) => ({ input: batchOf(rows) }));
      const many = await model.runMany(items);
      const alone = await Promise.all(items.map((item) => model.run(item)));
      expect(many.map(({ output }) => output?.dims)).toEqual([
        [1, 3],
        [3, 3],
        [2, 3],
      ]);
      many.forEach(({ output }, at) => {
        const other = alone[at]?.output?.data as Float32Array;
        (output?.data as Float32Array).forEach((value, index) =>
          expect(value).toBeCloseTo(other[index] ?? NaN, 5),
        );
      });
    });

    it('are saved the same way twice, and open again', async () => {
      const model = await modelOf('mlp.pt', { ...MLP, timeout: 5000 });
      await model.start();
      model.declareOutputs([{ name: 'output', dtype: 'float32', shape: ['batch', 3] }]);
      const directories = ['first', 'second'].map((name) => join(folder, name));
      for (const directory of directories) {
        mkdirSync(directory);
        await saveInstance(model, directory);
      }
      const [first, second] = directories.map((directory) =>
        readFileSync(join(directory, 'model.json'), 'utf8'),
      );
      expect(first).toBe(second);
      expect(first).toMatch(/^\{"format":"runwright-torch",/);

      process.env.RUNWRIGHT_PYTHON = PYTHON;
      const loaded = (await loadInstance(directories[0] ?? '', { threads: 1 })) as TorchModel;
      open.push(loaded);
      expect(TorchModel.is(loaded)).toBe(true);
      expect(loaded.signature).toEqual(model.signature);
      expect(await loaded.run({ input: batchOf(2) })).toEqual(await model.run({ input: batchOf(2) }));
    });

    it('are exported to ONNX', async () => {
      const model = await modelOf('lstm.pt', {
        inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 'time', 4] }],
      });
      const file = join(folder, 'lstm.onnx');
      const axes = { x: { 0: 'batch', 1: 'time' }, output: { 0: 'batch', 1: 'time' } };
      const examples = { x: floats(Array<number>(24).fill(0.1), [2, 3, 4]) };
      const { opset, seconds } = await model.export(
        { file, outputs: ['output'], axes, examples },
        { timeout: 60_000 },
      );
      expect(opset).toBeGreaterThanOrEqual(16);
      expect(seconds).toBeGreaterThan(0);
      expect(await inspectTorchFile(file)).toBe('onnx');
    });

    it('say why they cannot be exported', async () => {
      const sidecar = await sidecarOf('named.pt');
      const failing = sidecar.export(
        { file: join(folder, 'named.onnx'), outputs: ['double'], axes: {}, examples: { x: batchOf(2) } },
        { timeout: 60_000 },
      );
      await expect(failing).rejects.toMatchObject({
        code: 'RW_EXPORT_FAILED',
        what: expect.stringContaining('DictConstruct') as string,
        hint: expect.stringContaining("runtime: 'torch'") as string,
      });
    });
  });
});

(hasTorch2 ? describe : describe.skip)(
  hasTorch2
    ? 'exported programs'
    : `exported programs (skipped: RUNWRIGHT_TORCH2_PYTHON names no Python with torch 2 and onnxscript)`,
  () => {
    const programs = (name: string) => modelOf(name, { python: TORCH_2 });
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'runwright-torch2-'));
      execFileSync(TORCH_2, [join(__dirname, 'makeTorchModels.py'), folder], { stdio: 'pipe' });
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('know their signature', async () => {
      const model = await programs('mlp.pt2');
      expect(model.kind).toBe('exported-program');
      const { ranges } = await model.start({ threads: 1 });
      const [[symbol, range] = ['', []]] = Object.entries(ranges ?? {});
      expect(range).toEqual([1, 64]);
      expect(model.signature).toEqual({
        inputs: [{ name: 'input', dtype: 'float32', shape: [symbol, 4] }],
        outputs: [{ name: 'output', dtype: 'float32', shape: [symbol, 3] }],
        batch: true,
      });
      expect((await model.run({ input: batchOf(5) })).output?.dims).toEqual([5, 3]);
    });

    it('have nested outputs and dicts as TorchScript has', async () => {
      const two = await programs('two.pt2');
      const outputs = await two.run({ left: batchOf(2), right: batchOf(2) });
      expect(Object.keys(outputs)).toEqual(['output_0', 'output_1', 'output_2']);
      expect(two.signature.outputs.map(({ name }) => name)).toEqual(['output_0', 'output_1', 'output_2']);
      const named = await programs('named.pt2');
      const { isLarge } = await named.run({ x: batchOf(2) });
      expect(isLarge?.type).toBe('bool');
    });

    it('are exported to ONNX', async () => {
      const model = await programs('mlp.pt2');
      const file = join(folder, 'mlp.onnx');
      const target = { file, outputs: ['output'], axes: {}, examples: { input: batchOf(2) } };
      const { opset } = await model.export(target, { timeout: 120_000 });
      expect(opset).toBeGreaterThanOrEqual(18);
      expect(await inspectTorchFile(file)).toBe('onnx');
    });

    it('need torch 2', async () => {
      if (spawnSync(PYTHON, ['-c', 'import torch; assert torch.__version__ < "2"']).status !== 0) return;
      const model = await modelOf('mlp.pt2', { python: PYTHON });
      await expect(model.start()).rejects.toMatchObject({
        code: 'RW_PYTHON_MISSING',
        what: expect.stringContaining('2.1 is the oldest that will do') as string,
      });
    });

    it('stand beside TorchScript, which torch 2 runs and exports too', async () => {
      const model = await modelOf('mlp.pt', { ...MLP, python: TORCH_2 });
      const file = join(folder, 'script.onnx');
      const axes = { input: { 0: 'batch' }, output: { 0: 'batch' } };
      const target = { file, outputs: ['output'], axes, examples: { input: batchOf(2) } };
      expect((await model.export(target, { timeout: 120_000 })).opset).toBe(17);
    });
  },
);

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
