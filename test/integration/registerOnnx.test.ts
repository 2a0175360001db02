import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tensor } from 'onnxruntime-common';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  RunwrightError,
  listModels,
  loadModel,
  pullModel,
  readModel,
  registerModel,
  type RegisterOnnxOptions,
  type RegisterProgress,
  type RunnerHandle,
} from '../../src/index';
import { OnnxModel, type OnnxOptions } from '../../src/models/onnx/index';
import { TorchModel } from '../../src/models/torch/index';
import { resolveModel } from '../../src/registrar/resolveModel';
import { verifyModel } from '../../src/registrar/verifyModel';
import { createServer } from '../../src/server/index';
import { node, onnxFile, value } from '../unit/models/onnx/onnxFile';
import { choice, externalData, identity, mlp, scalarOutput, twoInputs } from '../unit/models/onnx/onnxFiles';
import { OipClient, outputsOf } from './oipClient';
import { KeptOnnx } from './fixtures/kept-onnx.runner';
import { OpenedOnnx } from './fixtures/opened-onnx.runner';
import { makeFolder, removeFolder } from './temporaryFolder';

const run = promisify(execFile);
const fixture = (name: string): string => join(__dirname, 'fixtures', name);

let folder: string;
let registry: string;
let cache: string;

beforeAll(async () => {
  folder = await makeFolder();
  registry = join(folder, 'registry');
  cache = join(folder, 'cache');
});
afterAll(() => removeFolder(folder));

let files = 0;
const write = async (bytes: Uint8Array): Promise<string> => {
  const path = join(folder, `${(files += 1)}.onnx`);
  await writeFile(path, bytes);
  return path;
};

/** An open model, released when the test ends. */
const open = async (bytes: Uint8Array, options?: OnnxOptions): Promise<OnnxModel> => {
  const model = await OnnxModel.fromFile(await write(bytes), options);
  onTestFinished(() => model.release());
  return model;
};

const register = (options: Partial<RegisterOnnxOptions> & { repositoryName: string }) =>
  registerModel({ modelNumber: null, registry, ...options } as RegisterOnnxOptions);

const load = async (
  reference: string,
  options: Parameters<typeof loadModel>[1] = {},
): Promise<RunnerHandle> => {
  const handle = await loadModel(reference, { registry, cache, ...options });
  onTestFinished(() => handle.close());
  return handle;
};

const refusal = async (work: Promise<unknown>): Promise<RunwrightError> => {
  const error: unknown = await work.then(
    (answer) => `it went through with ${JSON.stringify(answer)}`,
    (reason: unknown) => reason,
  );
  if (!RunwrightError.is(error)) throw new Error(`not refused properly: ${String(error)}`);
  expect(error.hint, 'a way out').toBeTruthy();
  return error;
};

/** A server with one model of the registry, and a client. */
const serve = async (reference: string, options?: Parameters<typeof loadModel>[1]): Promise<OipClient> => {
  const app = await createServer([await load(reference, options)]);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new OipClient(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    client.close();
    await app.close();
  });
  return client;
};

const ask = (client: OipClient, body: string) =>
  client.ask('/predict', body, { 'content-type': 'application/json' });

const predict = async (client: OipClient, input: unknown): Promise<{ status: number; body: unknown }> => {
  const { status, body } = await ask(client, JSON.stringify(input));
  return { status, body: JSON.parse(body.toString()) as unknown };
};

const FEATURES = [0.1, 0.2, 0.3, 0.4];

/** What the session itself says. */
const scoresOf = async (model: OnnxModel, features: readonly number[] = FEATURES): Promise<number[]> => {
  const tensor = new Tensor('float32', Float32Array.from(features), [features.length / 4, 4]);
  const { scores } = await model.run({ features: tensor });
  return Array.from(scores?.data as Float32Array);
};

describe('an ONNX model alone', () => {
  it('is registered without a class, and answers as its session does, wherever it runs', async () => {
    const model = await open(mlp());
    const phases = new Set<RegisterProgress['phase']>();
    const registered = await register({
      repositoryName: 'mlp',
      modelInstance: model,
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(registered).toMatchObject({ repository: 'mlp', number: 1, reference: 'default/mlp:1' });
    expect([...phases]).toEqual(['save', 'pack', 'publish']);
    const expected = await scoresOf(model);
    for (const execution of ['inline', 'thread', 'process'] as const) {
      const handle = await load('mlp', { execution });
      const { scores } = (await handle.run({ features: FEATURES })) as { scores: Tensor };
      expect([execution, scores.type, [...scores.dims]]).toEqual([execution, 'float32', [3]]);
      expect(Array.from(scores.data as Float32Array)).toEqual(expected);
      expect(handle.definition).toMatchObject({ name: 'mlp', batch: { maxSize: 32 } });
      await expect(handle.run({ features: [1] })).rejects.toMatchObject({
        code: 'RW_INPUT_INVALID',
        issues: [{ path: 'features' }],
      });
    }
  });

  it('may be a promise, and replaces what a number points at', async () => {
    const first = await register({ repositoryName: 'again', modelInstance: open(mlp()) });
    const other = await open(identity('float32'));
    const second = await register({ repositoryName: 'again', modelNumber: 1, modelInstance: other });
    expect(second.number).toBe(1);
    expect(second.digest).not.toBe(first.digest);
    const handle = await load('again:1');
    expect(await handle.run({ x: [1, 2] })).toMatchObject({ y: { dims: [2] } });
    const old = await load(`again@${first.digest}`);
    expect(await old.run({ features: FEATURES })).toMatchObject({ scores: { dims: [3] } });
    const [entry] = await listModels({ registry, repositoryName: 'again' });
    expect(entry?.history.map(({ digest }) => digest)).toEqual([first.digest]);
    expect(
      await refusal(register({ repositoryName: 'again', modelNumber: 7, modelInstance: other })),
    ).toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
  });

  it('has one digest from every path and at every time; options and names are part of it', async () => {
    const digestOf = async (options?: OnnxOptions, more: Partial<RegisterOnnxOptions> = {}) =>
      (await register({ repositoryName: 'same', modelInstance: open(mlp(), options), ...more })).digest;
    const digest = await digestOf();
    expect(await digestOf()).toBe(digest);
    expect(await digestOf({ intraOpNumThreads: 1 })).not.toBe(digest);
    expect(await digestOf({}, { maxBatchSize: 8 })).not.toBe(digest);
    const elsewhere = join(folder, 'else/where');
    await mkdir(elsewhere, { recursive: true });
    await writeFile(join(elsewhere, 'Other Name.onnx'), mlp());
    const model = await OnnxModel.fromFile(join(elsewhere, 'Other Name.onnx'));
    onTestFinished(() => model.release());
    expect((await register({ repositoryName: 'same', modelInstance: model })).digest).toBe(digest);
  });

  it('makes a package without code, which says so and is whole', async () => {
    const model = await open(mlp());
    const { digest } = await register({ repositoryName: 'manifest', modelInstance: model, maxBatchSize: 7 });
    const { manifest } = await readModel('manifest:1', { registry });
    expect(manifest).toMatchObject({
      code: [],
      runner: { name: 'manifest', export: null, batch: { maxSize: 7 } },
      model: {
        format: 'onnx',
        props: null,
        signature: JSON.parse(JSON.stringify(model.signature)) as unknown,
      },
      requirements: { packages: [] },
    });
    expect(manifest.model).not.toHaveProperty('parity');
    const { resolved } = await resolveModel('manifest:1', { registry });
    const { layers } = JSON.parse(Buffer.from(resolved.manifest).toString()) as {
      layers: { mediaType: string; annotations: Record<string, string> }[];
    };
    const paths = layers.map(({ annotations }) => annotations['org.cncf.model.filepath']);
    expect(paths).toEqual(['runwright.json', 'model/model.json', 'model/model.onnx']);
    expect(layers.filter(({ mediaType }) => mediaType.includes('code'))).toEqual([]);
    expect(await verifyModel('manifest:1', { registry })).toMatchObject({ ok: true, digest });
    const directory = join(folder, 'pulled');
    expect((await pullModel('manifest:1', { directory, registry })).digest).toBe(digest);
    expect((await readdir(directory)).sort()).toEqual(['model', 'runwright.json']);
    expect(await readFile(join(directory, 'model/model.onnx'))).toEqual(mlp());
    // It is an ONNX model like any other.
    const pulled = await OnnxModel.fromFile(join(directory, 'model/model.onnx'));
    expect(await scoresOf(pulled)).toEqual(await scoresOf(model));
    await pulled.release();
  });

  it('keeps its options, and gets the threads that it may have', async () => {
    const options = { graphOptimizationLevel: 'basic', interOpNumThreads: 1, batch: false } as const;
    await register({ repositoryName: 'options', modelInstance: open(mlp(), options) });
    const directory = join(folder, 'pulled-options');
    await pullModel('options', { directory, registry });
    const json = JSON.parse(await readFile(join(directory, 'model/model.json'), 'utf8')) as object;
    expect(json).toMatchObject({ format: 'runwright-onnx', options, signature: { batch: false } });
    const handle = await load('options', { threads: 1 });
    expect(await handle.run({ features: [FEATURES, FEATURES] })).toMatchObject({ scores: { dims: [2, 3] } });
  });

  it('takes its external data along, and needs nothing of where it came from', async () => {
    const source = join(folder, 'source');
    await mkdir(join(source, 'deep'), { recursive: true });
    await writeFile(join(source, 'm.onnx'), externalData('deep/m.onnx.data'));
    await writeFile(join(source, 'deep/m.onnx.data'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
    const model = await OnnxModel.fromFile(join(source, 'm.onnx'));
    const { digest } = await register({ repositoryName: 'external', modelInstance: model });
    await model.release();
    await rm(source, { recursive: true });
    for (const execution of ['inline', 'process'] as const) {
      const handle = await load(`external@${digest}`, { execution });
      const { y } = (await handle.run({ x: [1, 1, 1, 1] })) as { y: Tensor };
      expect(Array.from(y.data as Float32Array)).toEqual([2, 3, 4, 5]);
    }
  });

  it('that cannot be stacked is run one by one, with its shapes as they are', async () => {
    const warnings: string[] = [];
    await register({
      repositoryName: 'fixed',
      modelInstance: open(mlp({ rows: 1 })),
      onWarning: ({ what }) => void warnings.push(what),
    });
    expect(warnings).toEqual([
      expect.stringMatching(/one by one: input "features".* has 1 as its dimension 0/),
    ]);
    const { manifest } = await readModel('fixed', { registry });
    expect(manifest.runner.batch).toBeNull();
    expect(manifest.model.signature).toMatchObject({
      batch: false,
      batchReason: 'input "features" (float32 [1, 4]) has 1 as its dimension 0',
    });
    const client = await serve('fixed');
    expect((await client.json('/v2/models/fixed')).body).toMatchObject({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 4] }],
      outputs: [{ name: 'scores', datatype: 'FP32', shape: [1, 3] }],
    });
    expect(await predict(client, { features: [FEATURES] })).toMatchObject({
      status: 200,
      body: { scores: [[expect.any(Number), expect.any(Number), expect.any(Number)]] },
    });
    expect((await predict(client, { features: FEATURES })).status).toBe(400);
  });
});

describe('an ONNX model behind HTTP', () => {
  it.each(['inline', 'process'] as const)('answers native JSON and OIP alike, %s', async (execution) => {
    const model = await open(mlp());
    await register({ repositoryName: `http-${execution}`, modelInstance: model });
    const name = `http-${execution}`;
    const client = await serve(name, { execution });
    const expected = await scoresOf(model);
    const native = await predict(client, { features: FEATURES });
    expect(native).toEqual({ status: 200, body: { scores: expected } });
    expect((await client.json(`/v2/models/${name}`)).body).toMatchObject({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'scores', datatype: 'FP32', shape: [-1, 3] }],
    });
    const rows = [...FEATURES, 1, 2, 3, 4, -1, 0, 1, 0.5];
    const wanted = await scoresOf(model, rows);
    const input = { name: 'features', datatype: 'FP32', shape: [3, 4] };
    const json = outputsOf(await client.infer(name, { inputs: [{ ...input, data: rows }] }))['scores'];
    expect(json).toMatchObject({ datatype: 'FP32', shape: [3, 3] });
    const close = (found: readonly number[]): void =>
      found.forEach((score, at) => expect(score).toBeCloseTo(wanted[at] ?? NaN, 6));
    close(json?.data as number[]);
    const answer = await client.infer(
      name,
      { inputs: [input], parameters: { binary_data_output: true } },
      { features: Float32Array.from(rows) },
    );
    const { bytes, shape } = outputsOf(answer)['scores'] ?? {};
    expect(shape).toEqual([3, 3]);
    close([0, 1, 2, 3, 4, 5, 6, 7, 8].map((at) => bytes?.readFloatLE(at * 4) ?? NaN));
  });

  it('refuses what does not fit with 400 and the place', async () => {
    await register({ repositoryName: 'refuses', modelInstance: open(mlp()) });
    const client = await serve('refuses');
    const fault = async (body: unknown): Promise<unknown> => {
      const answer = await predict(client, body);
      expect(answer.status).toBe(400);
      return (answer.body as { issues: { path: string }[] }).issues.map(({ path }) => path);
    };
    expect(await fault({ features: [1, null, 3, 4] })).toEqual(['features[1]']);
    expect(await fault({ features: ['NaN', 2, 3, 4] })).toEqual(['features[0]']);
    expect(await fault({ features: [1, 2] })).toEqual(['features']);
    expect(await fault({})).toEqual(['features']);
    expect((await ask(client, '{"features":[NaN,1,2,3]}')).status).toBe(400);
    const infer = async (input: object) =>
      (await client.infer('refuses', { inputs: [{ name: 'features', ...input }] })).status;
    expect(await infer({ datatype: 'FP64', shape: [1, 4], data: FEATURES })).toBe(400);
    expect(await infer({ datatype: 'FP32', shape: [1, 5], data: [1, 2, 3, 4, 5] })).toBe(400);
    expect(await infer({ datatype: 'FP32', shape: [4], data: FEATURES })).toBe(400);
    expect(await infer({ datatype: 'FP32', shape: [1, 4], data: [1, 2, 3] })).toBe(400);
  });

  it('refuses sizes of one free dimension that do not agree, and a NUL in a text, with 400', async () => {
    await register({ repositoryName: 'shared', modelInstance: open(twoInputs()) });
    const client = await serve('shared');
    expect(await predict(client, { a: [1, 2], b: [3, 4] })).toMatchObject({ body: { sum: [4, 6] } });
    expect(await predict(client, { a: [1, 2], b: [3] })).toMatchObject({
      status: 400,
      body: { code: 'RW_INPUT_INVALID', issues: [{ path: 'b', constraint: 'shape', received: 'Tensor' }] },
    });
    await register({ repositoryName: 'nul', modelInstance: open(identity('string')) });
    const texts = await serve('nul');
    expect(await predict(texts, { x: ['a', 'b\0c'] })).toMatchObject({
      status: 400,
      body: { issues: [{ path: 'x' }] },
    });
  });

  it.each([
    ['int64', 'INT64', ['9007199254740993', -1], [9007199254740993n, -1n]],
    ['uint64', 'UINT64', ['18446744073709551615', 0], [18446744073709551615n, 0n]],
    ['bool', 'BOOL', [true, false], [1, 0]],
    ['string', 'BYTES', ['grün', ''], ['grün', '']],
    ['float16', 'FP16', [1, -2.5], [0x3c00, 0xc100]],
    ['float64', 'FP64', [0.1, 1e300], [0.1, 1e300]],
    ['uint8', 'UINT8', [0, 255], [0, 255]],
    ['int32', 'INT32', [-2147483648, 1], [-2147483648, 1]],
  ] as const)('carries %s both ways, in this process and in another', async (type, datatype, sent, data) => {
    await register({ repositoryName: `type-${type}`, modelInstance: open(identity(type)) });
    const shown: unknown[] = [];
    for (const execution of ['inline', 'process'] as const) {
      const handle = await load(`type-${type}`, { execution });
      const { y } = (await handle.run({ x: sent })) as { y: Tensor };
      expect(y.type).toBe(type);
      expect(Array.from(y.data as Iterable<unknown>)).toEqual(data);
      const client = await serve(`type-${type}`, { execution });
      const { body } = await client.json(`/v2/models/type-${type}`);
      expect(body).toMatchObject({ inputs: [{ name: 'x', datatype, shape: [-1, 2] }] });
      const { body: native } = await ask(client, JSON.stringify({ x: sent }));
      shown.push(native.toString());
    }
    expect(shown[1]).toBe(shown[0]);
    expect(shown[0]).toMatch(/^\{"y":\[.+\]\}$/);
  });

  it('takes and gives scalars', async () => {
    await register({ repositoryName: 'scalar', modelInstance: open(choice()) });
    const client = await serve('scalar');
    expect(await predict(client, { flag: true })).toEqual({ status: 200, body: { y: [1, 1] } });
    expect((await client.json('/v2/models/scalar')).body).toMatchObject({
      inputs: [{ name: 'flag', datatype: 'BOOL', shape: [] }],
      outputs: [{ name: 'y', shape: [2] }],
    });
    await register({ repositoryName: 'total', modelInstance: open(scalarOutput()) });
    const total = await serve('total');
    expect(
      await predict(total, {
        x: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toEqual({ status: 200, body: { total: 10 } });
  });
});

describe('options that do not go together', () => {
  const wrong = (options: object) =>
    refusal(registerModel({ repositoryName: 'wrong', modelNumber: null, registry, ...options } as never));

  it.each([
    ['artifacts', { artifacts: { '/etc/hosts': 'hosts' } }],
    ['requirements', { requirements: ['sharp'] }],
    ['exportName', { exportName: 'Iris' }],
  ])('%s is for a runner class', async (name, options) => {
    const error = await wrong({ modelInstance: await open(mlp()), ...options });
    expect(error).toMatchObject({ code: 'RW_OPTION_INVALID', where: `registerModel, option \`${name}\`` });
  });

  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { weights: [1] }, 'object'],
    ['a path', 'mlp.onnx', 'string'],
  ])('%s is no model that a runner can be made from', async (_, modelInstance, said) => {
    const error = await wrong({ modelInstance });
    expect(error).toMatchObject({ code: 'RW_OPTION_INVALID', where: 'registerModel' });
    expect(error.what).toContain(`\`modelInstance\` is ${said}`);
    expect(error.hint).toContain('runwright/onnx');
  });

  it('names the call for a torch model', async () => {
    const error = await wrong({ modelInstance: Object.create(TorchModel.prototype) as TorchModel });
    expect(error).toMatchObject({ code: 'RW_OPTION_INVALID' });
    expect(error.hint).toContain('registerTorchModel');
  });

  it('an entry needs a runner, a runner an entry, and neither goes with maxBatchSize', async () => {
    const modelInstance = await open(mlp());
    const entry = fixture('kept-onnx.runner.ts');
    expect((await wrong({ modelInstance, entry })).message).toContain('runner');
    expect((await wrong({ modelInstance, runner: KeptOnnx })).message).toContain('entry');
    const both = await wrong({ modelInstance, runner: KeptOnnx, entry, maxBatchSize: 4 });
    expect(both).toMatchObject({ code: 'RW_OPTION_INVALID', where: 'registerModel, option `maxBatchSize`' });
    expect(await wrong({ modelInstance, maxBatchSize: 0 })).toMatchObject({ code: 'RW_OPTION_INVALID' });
  });

  it('nothing is written for a model that no runner can be made from', async () => {
    const shapeless = onnxFile({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [value('x', 'float32')],
      outputs: [value('y', 'float32')],
    });
    const error = await wrong({ modelInstance: await open(shapeless) });
    expect(error).toMatchObject({ code: 'RW_MODEL_FILE_INVALID', where: 'input "x"' });
    expect(await listModels({ registry, repositoryName: 'wrong' })).toEqual([]);
  });
});

describe('a hand-written class', () => {
  it('may have an OnnxModel as its instance, saved and loaded for it, and released on close', async () => {
    await registerModel({
      repositoryName: 'kept',
      modelNumber: null,
      registry,
      runner: KeptOnnx,
      entry: fixture('kept-onnx.runner.ts'),
      modelInstance: await open(mlp()),
    });
    const { manifest } = await readModel('kept', { registry });
    expect(manifest.model).toMatchObject({ format: 'onnx', signature: { batch: true } });
    expect(manifest.code.length).toBeGreaterThan(0);
    const handle = await load('kept');
    expect(await handle.run(FEATURES)).toEqual([1, 3]);
    const model = (handle as unknown as { loadedModel: OnnxModel }).loadedModel;
    expect(OnnxModel.is(model)).toBe(true);
    await handle.close();
    expect((await refusal(scoresOf(model))).code).toBe('RW_HANDLE_STATE');
  });

  it('may open one in @Load, of an artifact', async () => {
    const path = await write(mlp());
    await registerModel({
      repositoryName: 'opened',
      modelNumber: null,
      registry,
      runner: OpenedOnnx,
      entry: fixture('opened-onnx.runner.ts'),
      artifacts: { [path]: 'net.onnx' },
    });
    for (const execution of ['inline', 'process'] as const) {
      const handle = await load('opened', { execution });
      expect(await handle.run(FEATURES)).toEqual([1, 3]);
      const model = (handle as unknown as { loadedModel?: OnnxModel }).loadedModel;
      await handle.close();
      if (model) expect((await refusal(scoresOf(model))).code).toBe('RW_HANDLE_STATE');
    }
  });

  it('ends with its process after close, without being told', async () => {
    const program = `
      const { loadModel } = require('runwright');
      (async () => {
        for (const name of ['kept', 'opened', 'mlp']) {
          const handle = await loadModel(name, JSON.parse(process.argv[1]));
          await handle.close();
          console.log(name);
        }
      })();`;
    const root = join(__dirname, '../..');
    const args = ['-e', program, JSON.stringify({ registry, cache })];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: root, timeout: 60_000 });
    expect([stdout, stderr]).toEqual(['kept\nopened\nmlp\n', '']);
  });
});
