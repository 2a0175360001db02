import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RunwrightError } from '../../src/errors/RunwrightError';
import { bindStages } from '../../src/lifecycle/bindStages';
import { createRunner } from '../../src/lifecycle/createRunner';
import { LocalRunnerHandle } from '../../src/lifecycle/LocalRunnerHandle';
import type { RunnerHandle } from '../../src/lifecycle/RunnerHandle';
import { silentLogger } from '../../src/lifecycle/silentLogger';
import { scanRunner } from '../../src/scanner/scanRunner';
import type { TensorType } from '../../src/schema/TensorType';
import { createServer, type Served, type ServerOptions } from '../../src/server';
import { inferBody, OipClient, outputsOf, type RawAnswer } from './oipClient';
import {
  Bytes,
  echoOf,
  Halves,
  NestedEcho,
  PlainEcho,
  Scorer,
  Shout,
  Slow,
  Unbatched,
  Words,
} from './oipRunners';

const BODY_LIMIT = 1024 * 1024;

/** A server on a port of its own, and a client with one connection to it. */
async function serve(
  served: readonly Served[],
  options: ServerOptions = {},
): Promise<{ app: FastifyInstance; client: OipClient; close: () => Promise<void> }> {
  const app = await createServer(served, { bodyLimit: BODY_LIMIT, ...options });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new OipClient(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  const close = async (): Promise<void> => {
    client.close();
    await app.close();
    await Promise.all(served.map((one) => ('handle' in one ? one.handle : one).close()));
  };
  return { app, client, close };
}

/** A whole body of a refusal: every one has these keys and nothing of the runner's. */
function refusal({ body }: RawAnswer): { error: string; code: string; issues: { path: string }[] } {
  const text = body.toString();
  expect(text).not.toContain('4711');
  const document = JSON.parse(text) as ReturnType<typeof refusal>;
  expect(document).toMatchObject({ error: expect.any(String), code: expect.stringMatching(/^RW_/) });
  expect(Array.isArray(document.issues)).toBe(true);
  return document;
}

const features = (...data: number[]) => ({
  name: 'features',
  datatype: 'FP32',
  shape: [data.length / 4, 4],
  data,
});

const declared = (rows: number) => ({ name: 'features', datatype: 'FP32', shape: [rows, 4] });

let app: FastifyInstance;
let client: OipClient;
let close: () => Promise<void>;

beforeAll(async () => {
  const runners = [Scorer, PlainEcho, Unbatched, Bytes, Halves, NestedEcho, Shout, Words, Slow];
  const handles = await Promise.all(runners.map((runner) => createRunner(runner)));
  const odd = await createRunner(Scorer);
  const versions = await Promise.all(
    [3, 12].map(async (version) => ({ handle: await createRunner(Scorer), version })),
  );
  ({ app, client, close } = await serve([
    ...handles,
    { handle: odd, name: 'a b/ü' },
    ...versions.map((one) => ({ ...one, name: 'versioned' })),
  ]));
});
afterAll(() => close());

describe('health', () => {
  it('is not ready before every model is', async () => {
    const definition = scanRunner(Scorer);
    const handle = new LocalRunnerHandle(definition, bindStages(definition), silentLogger);
    const { client: early, close: end } = await serve([handle]);
    onTestFinished(end);
    const states = async () => ({
      live: await early.json('/v2/health/live'),
      ready: await early.json('/v2/health/ready'),
      model: await early.json('/v2/models/scorer/ready'),
    });
    const error = expect.any(String) as string;
    expect(await states()).toMatchObject({
      live: { status: 200, body: { live: true, ready: false } },
      ready: { status: 503, body: { live: true, ready: false, error } },
      model: { status: 503, body: { name: 'scorer', ready: false, error } },
    });
    expect(refusal(await early.infer('scorer', { inputs: [features(1, 2, 3, 4)] })).code).toBe(
      'RW_HANDLE_STATE',
    );
    await handle.load({});
    expect(await states()).toEqual({
      live: { status: 200, body: { live: true, ready: true } },
      ready: { status: 200, body: { live: true, ready: true } },
      model: { status: 200, body: { name: 'scorer', ready: true } },
    });
  });
});

describe('metadata', () => {
  it.each(['/v2', '/v2/'])('of the server at %s', async (path) => {
    const { body } = await client.json(path);
    expect(body).toEqual({
      name: 'runwright',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: expect.arrayContaining(['binary_tensor_data']),
    });
  });

  it('is the declared schema', async () => {
    expect(await client.json('/v2/models/scorer')).toEqual({
      status: 200,
      body: {
        name: 'scorer',
        platform: 'runwright',
        inputs: [
          { name: 'features', datatype: 'FP32', shape: [-1, 4] },
          { name: 'scale', datatype: 'INT64', shape: [-1] },
        ],
        outputs: [
          { name: 'scores', datatype: 'FP32', shape: [-1, 2] },
          { name: 'label', datatype: 'BYTES', shape: [-1] },
          { name: 'best', datatype: 'INT64', shape: [-1] },
        ],
      },
    });
  });

  it('maps plain fields, scalars and shapes without a batch', async () => {
    const tensorsOf = async (model: string) => {
      const { body } = await client.json(`/v2/models/${model}`);
      const { inputs } = body as { inputs: { name: string; datatype: string; shape: number[] }[] };
      return inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join()}]`);
    };
    expect(await tensorsOf('plain')).toEqual([
      'number FP64 [-1]',
      'integer INT64 [-1]',
      'text BYTES [-1]',
      'flag BOOL [-1]',
      'numbers FP64 [-1,-1]',
      'texts BYTES [-1,-1]',
    ]);
    expect(await tensorsOf('unbatched')).toEqual(['pixels UINT8 [2,3]']);
    expect(await tensorsOf('slow')).toEqual(['input FP64 [-1]']);
    expect(await tensorsOf('bytes')).toEqual(['input BYTES [-1]']);
  });

  it.each([
    ['nested', '`inner`'],
    ['words', 'stream'],
  ])('says why %s is absent, and infer says the same', async (model, reason) => {
    const metadata = await client.ask(`/v2/models/${model}`);
    const infer = await client.infer(model, { inputs: [] });
    expect([metadata.status, infer.status]).toEqual([404, 404]);
    expect(refusal(metadata).error).toContain(reason);
    expect(refusal(infer)).toEqual(refusal(metadata));
  });

  it('lists the models, and their states', async () => {
    const { body } = await client.json('/v2/models');
    expect((body as { models: string[] }).models).toEqual(
      expect.arrayContaining(['scorer', 'a b/ü', 'versioned']),
    );
    const { body: index } = await client.json('/v2/repository/index', { ready: true });
    expect(index).toContainEqual({ name: 'versioned', version: '12', state: 'READY', reason: '' });
    expect((await client.ask('/v2/repository/index', '')).status).toBe(200);
    expect(refusal(await client.ask('/v2/repository/index', '{"ready": 1}')).code).toBe('RW_INPUT_INVALID');
  });
});

describe('paths', () => {
  it('has versioned and unversioned ones; the newest answers for the name alone', async () => {
    const ask = async (path: string) => (await client.json(path, { inputs: [features(1, 2, 3, 4)] })).body;
    expect(await ask('/v2/models/versioned/infer')).toMatchObject({
      model_name: 'versioned',
      model_version: '12',
    });
    expect(await ask('/v2/models/versioned/versions/3/infer')).toMatchObject({ model_version: '3' });
    expect(await ask('/v2/models/scorer/infer')).not.toHaveProperty('model_version');
    expect((await client.json('/v2/models/versioned')).body).toMatchObject({ versions: ['12', '3'] });
    expect((await client.json('/v2/models/versioned/versions/3')).status).toBe(200);
    expect((await client.json('/v2/models/versioned/versions/3/ready')).body).toEqual({
      name: 'versioned',
      ready: true,
    });
    for (const path of ['', '/ready', '/infer']) {
      const isInfer = path === '/infer';
      const answer = await client.ask(`/v2/models/versioned/versions/4${path}`, isInfer ? '{}' : undefined);
      expect(answer.status).toBe(404);
      expect(refusal(answer).error).toContain('version');
    }
  });

  it('decodes names', async () => {
    const name = encodeURIComponent('a b/ü');
    expect((await client.json(`/v2/models/${name}/ready`)).body).toEqual({ name: 'a b/ü', ready: true });
    const answer = await client.infer(name, { inputs: [features(1, 2, 3, 4)] });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ model_name: 'a b/ü' });
    const lower = await client.infer('a%20b%2f%c3%bc', { inputs: [features(1, 2, 3, 4)] });
    expect(lower.body).toEqual(answer.body);
  });
});

describe('infer', () => {
  it('gives one answer to flat, nested and binary data', async () => {
    const flat = await client.infer('scorer', { inputs: [features(1, 2, 3, 4, 50, 6, 7, 8)] });
    const nested = await client.infer('scorer', {
      inputs: [
        {
          ...features(),
          shape: [2, 4],
          data: [
            [1, 2, 3, 4],
            [50, 6, 7, 8],
          ],
        },
      ],
    });
    const binary = await client.infer(
      'scorer',
      { inputs: [declared(2)] },
      { features: Float32Array.of(1, 2, 3, 4, 50, 6, 7, 8) },
    );
    expect(JSON.parse(flat.body.toString())).toEqual({
      model_name: 'scorer',
      outputs: [
        { name: 'scores', datatype: 'FP32', shape: [2, 2], data: [3, 7, 56, 15] },
        { name: 'label', datatype: 'BYTES', shape: [2], data: ['high', 'low'] },
        { name: 'best', datatype: 'INT64', shape: [2], data: [1, 0] },
      ],
    });
    expect(nested.body).toEqual(flat.body);
    expect(binary.body).toEqual(flat.body);
  });

  it('takes whatever content type, or none', async () => {
    const body = JSON.stringify({ inputs: [features(1, 2, 3, 4)] });
    for (const type of [
      undefined,
      'application/json',
      'application/octet-stream',
      'text/plain',
      'nonsense',
    ]) {
      const headers = type === undefined ? {} : { 'content-type': type };
      expect((await client.ask('/v2/models/scorer/infer', body, headers)).status).toBe(200);
    }
  });

  it('takes null for what is optional', async () => {
    const nothing = { id: null, parameters: null, outputs: null };
    const inputs = [{ ...features(1, 2, 3, 4), parameters: null }];
    const { status, body } = await client.json('/v2/models/scorer/infer', { ...nothing, inputs });
    expect([status, body]).toEqual([200, expect.not.objectContaining({ id: null })]);
  });

  it('repeats the id', async () => {
    const { body } = await client.json('/v2/models/scorer/infer', {
      id: 'r-ü',
      inputs: [features(1, 2, 3, 4)],
    });
    expect(body).toMatchObject({ id: 'r-ü' });
  });

  it('gives the outputs that are named, in that order, each as it is asked for', async () => {
    const answer = await client.infer('scorer', {
      inputs: [features(1, 2, 3, 4)],
      parameters: { binary_data_output: true },
      outputs: [{ name: 'label', parameters: { binary_data: false } }, { name: 'scores' }],
    });
    const outputs = outputsOf(answer);
    expect(Object.keys(outputs)).toEqual(['label', 'scores']);
    expect(outputs.label?.data).toEqual(['high']);
    expect(outputs.scores?.bytes).toEqual(Buffer.from(Float32Array.of(3, 7).buffer));
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    const all = await client.infer('scorer', { inputs: [features(1, 2, 3, 4)], outputs: [] });
    expect(Object.keys(outputsOf(all))).toEqual(['scores', 'label', 'best']);
  });

  it('mixes JSON and binary inputs; an optional one may be missing', async () => {
    const scale = { name: 'scale', datatype: 'INT64', shape: [1], data: [10] };
    const mixed = await client.infer(
      'scorer',
      { inputs: [scale, declared(1)] },
      { features: Float32Array.of(1, 2, 3, 4) },
    );
    expect(outputsOf(mixed).scores?.data).toEqual([30, 70]);
    const unaligned = await client.infer(
      'scorer',
      { inputs: [{ name: 'scale', datatype: 'INT64', shape: [1] }, declared(1)] },
      { scale: BigInt64Array.of(10n), features: Float32Array.of(1, 2, 3, 4) },
    );
    expect(unaligned.body).toEqual(mixed.body);
  });

  it('takes and gives no rows', async () => {
    const answer = await client.infer('scorer', { inputs: [{ ...features(), shape: [0, 4] }] });
    expect(outputsOf(answer)).toMatchObject({
      scores: { shape: [0, 2], data: [] },
      label: { shape: [0], data: [] },
      best: { shape: [0], data: [] },
    });
    const binary = await client.infer(
      'scorer',
      {
        inputs: [{ name: 'features', datatype: 'FP32', shape: [0, 4] }],
        parameters: { binary_data_output: true },
      },
      { features: new Float32Array(0) },
    );
    expect(outputsOf(binary).scores).toMatchObject({ parameters: { binary_data_size: 0 } });
  });

  it('takes plain fields and arrays of them in many rows', async () => {
    const inputs = [
      { name: 'number', datatype: 'FP64', shape: [2], data: [0.1, -3] },
      { name: 'integer', datatype: 'INT64', shape: [2], data: [Number.MAX_SAFE_INTEGER, -5] },
      { name: 'text', datatype: 'BYTES', shape: [2], data: ['', 'a\0ü💡'] },
      { name: 'flag', datatype: 'BOOL', shape: [2], data: [true, false] },
      { name: 'numbers', datatype: 'FP64', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
      { name: 'texts', datatype: 'BYTES', shape: [2, 0], data: [] },
    ];
    const outputs = outputsOf(await client.infer('plain', { inputs }));
    for (const input of inputs) expect(outputs[input.name]).toEqual(input);
  });

  it('takes the declared shape as it is where items cannot be batched', async () => {
    const pixels = { name: 'pixels', datatype: 'UINT8', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] };
    expect(outputsOf(await client.infer('unbatched', { inputs: [pixels] })).pixels).toEqual(pixels);
    const batched = await client.infer('unbatched', { inputs: [{ ...pixels, shape: [1, 2, 3] }] });
    expect(refusal(batched).issues[0]?.path).toBe('inputs[0].shape');
  });

  it('takes a body of nothing but a tensor', async () => {
    const header = { 'inference-header-content-length': 0 };
    const bytes = await client.ask('/v2/models/bytes/infer', Buffer.from('abc'), header);
    expect(outputsOf(bytes).output).toMatchObject({ shape: [1], data: ['cba'] });
    const slow = await client.ask(
      '/v2/models/slow/infer',
      Buffer.from(Float64Array.of(1, 2, 3).buffer),
      header,
    );
    expect(outputsOf(slow).output).toMatchObject({ shape: [3], data: [1, 2, 3] });
    const odd = await client.ask('/v2/models/slow/infer', Buffer.alloc(9), header);
    expect(odd.status).toBe(400);
    expect(refusal(await client.ask('/v2/models/plain/infer', Buffer.alloc(8), header)).code).toBe(
      'RW_INPUT_INVALID',
    );
  });

  it('fails a request for one bad row, and names the row where the input is at fault', async () => {
    const bad = await client.infer('scorer', { inputs: [features(1, 2, 3, 4, 13, 0, 0, 0)] });
    expect([bad.status, refusal(bad).code]).toEqual([500, 'RW_STAGE_FAILED']);
    const output = await client.infer('scorer', { inputs: [features(99, 2, 3, 4)] });
    expect([output.status, refusal(output).code]).toEqual([500, 'RW_OUTPUT_INVALID']);
    const halves = await client.infer('halves', {
      inputs: [{ name: 'input', datatype: 'FP64', shape: [2], data: [1, 2] }],
    });
    expect([halves.status, refusal(halves).code]).toEqual([500, 'RW_OUTPUT_INVALID']);
  });
});

interface Fault {
  readonly inputs?: unknown;
  readonly path: string;
  readonly [key: string]: unknown;
}

const FAULTS: Record<string, Fault> = {
  'no inputs': { path: 'inputs' },
  'inputs that are no array': { inputs: {}, path: 'inputs' },
  'an input that is no object': { inputs: [5], path: 'inputs[0]' },
  'a missing tensor': { inputs: [], path: 'inputs' },
  'an unknown tensor': {
    inputs: [features(1, 2, 3, 4), { ...features(1, 2, 3, 4), name: 'x' }],
    path: 'inputs[1].name',
  },
  'a tensor given twice': { inputs: [features(1, 2, 3, 4), features(1, 2, 3, 4)], path: 'inputs[1].name' },
  'a wrong datatype': { inputs: [{ ...features(1, 2, 3, 4), datatype: 'FP64' }], path: 'inputs[0].datatype' },
  BF16: { inputs: [{ ...features(1, 2, 3, 4), datatype: 'BF16' }], path: 'inputs[0].datatype' },
  'no datatype': { inputs: [{ ...features(1, 2, 3, 4), datatype: undefined }], path: 'inputs[0].datatype' },
  'a wrong rank': { inputs: [{ ...features(1, 2, 3, 4), shape: [4] }], path: 'inputs[0].shape' },
  'no shape': { inputs: [{ ...features(1, 2, 3, 4), shape: undefined }], path: 'inputs[0].shape' },
  'a wrong fixed dimension': {
    inputs: [{ ...features(1, 2, 3, 4), shape: [1, 3] }],
    path: 'inputs[0].shape[1]',
  },
  'a negative dimension': {
    inputs: [{ ...features(1, 2, 3, 4), shape: [-1, 4] }],
    path: 'inputs[0].shape[0]',
  },
  'a dimension of 1.5': {
    inputs: [{ ...features(1, 2, 3, 4), shape: [1.5, 4] }],
    path: 'inputs[0].shape[0]',
  },
  'a dimension of text': {
    inputs: [{ ...features(1, 2, 3, 4), shape: ['1', 4] }],
    path: 'inputs[0].shape[0]',
  },
  'a huge dimension': { inputs: [{ ...features(1, 2, 3, 4), shape: [2 ** 52, 4] }], path: 'inputs[0].shape' },
  'a large dimension': { inputs: [{ ...features(1, 2, 3, 4), shape: [2 ** 31, 4] }], path: 'inputs[0].data' },
  'too few elements': { inputs: [{ ...features(1, 2, 3, 4), shape: [2, 4] }], path: 'inputs[0].data' },
  'too many elements': { inputs: [{ ...features(1, 2, 3, 4, 5), shape: [1, 4] }], path: 'inputs[0].data' },
  'no data': { inputs: [{ ...features(1, 2, 3, 4), data: undefined }], path: 'inputs[0].data' },
  'an element of text': {
    inputs: [{ ...features(), shape: [1, 4], data: [1, '2', 3, 4] }],
    path: 'inputs[0].data[1]',
  },
  'an element of null': {
    inputs: [{ ...features(), shape: [1, 4], data: [1, 2, 3, null] }],
    path: 'inputs[0].data[3]',
  },
  'ragged data': {
    inputs: [
      {
        ...features(),
        shape: [2, 4],
        data: [
          [1, 2, 3, 4],
          [1, 2, 3],
        ],
      },
    ],
    path: 'inputs[0].data[1]',
  },
  'a nested element of text': {
    inputs: [
      {
        ...features(),
        shape: [2, 4],
        data: [
          [1, 2, 3, 4],
          [1, 2, 'x', 4],
        ],
      },
    ],
    path: 'inputs[0].data[1][2]',
  },
  'data nested too deep': {
    inputs: [{ ...features(), shape: [1, 4], data: [[[1, 2, 3, 4]]] }],
    path: 'inputs[0].data[0]',
  },
  'rows of another number': {
    inputs: [features(1, 2, 3, 4), { name: 'scale', datatype: 'INT64', shape: [2], data: [1, 2] }],
    path: 'inputs[1].shape[0]',
  },
  'an integer beyond what a number holds': {
    inputs: [features(1, 2, 3, 4), { name: 'scale', datatype: 'INT64', shape: [1], data: [2 ** 60] }],
    path: 'inputs[1].data',
  },
  'an id of another type': { inputs: [features(1, 2, 3, 4)], id: 7, path: 'id' },
  'an unknown output': { inputs: [features(1, 2, 3, 4)], outputs: [{ name: 'x' }], path: 'outputs[0].name' },
  'an output asked for twice': {
    inputs: [features(1, 2, 3, 4)],
    outputs: [{ name: 'best' }, { name: 'best' }],
    path: 'outputs[1].name',
  },
  'outputs that are no array': { inputs: [features(1, 2, 3, 4)], outputs: 'best', path: 'outputs' },
  'a flag of another type': {
    inputs: [features(1, 2, 3, 4)],
    parameters: { binary_data_output: 'true' },
    path: 'parameters.binary_data_output',
  },
  'an output in a form that is not supported': {
    inputs: [features(1, 2, 3, 4)],
    outputs: [{ name: 'best', parameters: { classification: 2 } }],
    path: 'outputs[0].parameters.classification',
  },
  'shared memory': {
    inputs: [{ ...features(1, 2, 3, 4), parameters: { shared_memory_region: 'r' } }],
    path: 'inputs[0].parameters',
  },
};

describe('refuses, by the place in the request,', () => {
  it.each(Object.entries(FAULTS))('%s', async (_title, { path, ...document }) => {
    const answer = await client.ask('/v2/models/scorer/infer', JSON.stringify(document));
    expect(answer.status).toBe(400);
    expect(refusal(answer).issues.map((issue) => issue.path)).toContain(path);
  });

  it.each(['', '{', '[]', 'null', '{"inputs": NaN}', Buffer.from([0x22, 0xff, 0x22])])(
    'the body %j',
    async (body) => {
      const answer = await client.ask('/v2/models/scorer/infer', body);
      expect(answer.status).toBe(400);
      expect(refusal(answer).issues[0]?.path).toBe('');
    },
  );

  it('inputs of its own rules, in the row they are in', async () => {
    const input = { name: 'input', datatype: 'FP64', shape: [3] };
    const answer = await client.infer('slow', { inputs: [input] }, { input: Float64Array.of(1, 2, NaN) });
    expect(answer.status).toBe(400);
    expect(refusal(answer).issues[0]?.path).toBe('[2]');
  });
});

describe('binary tensors', () => {
  const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
  /** One FP32 input that claims `size` bytes, and `tail` after the JSON. */
  const send = (size: unknown, tail: Uint8Array, header?: number | string): Promise<RawAnswer> => {
    const inputs = [{ ...declared(1), parameters: { binary_data_size: size } }];
    const json = Buffer.from(JSON.stringify({ inputs }));
    return client.ask('/v2/models/scorer/infer', Buffer.concat([json, tail]), {
      'inference-header-content-length': header ?? json.byteLength,
    });
  };

  it('takes what is right', async () => {
    expect(outputsOf(await send(16, bytes)).scores?.data).toEqual([3, 7]);
  });

  it.each<[string, unknown, Buffer]>([
    ['short', 12, bytes.subarray(0, 12)],
    ['long', 20, Buffer.alloc(20)],
    ['longer than the body', 16, bytes.subarray(0, 15)],
    ['with bytes after the last tensor', 16, Buffer.concat([bytes, bytes])],
    ['negative', -16, bytes],
    ['huge', 2 ** 53 - 1, bytes],
    ['beyond every integer', 1e300, bytes],
    ['not an integer', 16.5, bytes],
    ['text', '16', bytes],
  ])('refuses a size that is %s', async (_title, size, tail) => {
    const answer = await send(size, tail);
    expect(answer.status).toBe(400);
    expect(refusal(answer).issues).toHaveLength(1);
  });

  it.each([100_000, '-1', 'x', '1e3', '1, 2', ''])('refuses a header length of %j', async (header) => {
    const answer = await send(16, bytes, header);
    expect(answer.status).toBe(400);
    expect(refusal(answer).error).toContain('Inference-Header-Content-Length');
  });

  it('refuses a size where the header is missing, and data beside a size', async () => {
    const inputs = [{ ...declared(1), parameters: { binary_data_size: 16 } }];
    const bare = await client.ask('/v2/models/scorer/infer', JSON.stringify({ inputs }));
    expect(refusal(bare).error).toContain('Inference-Header-Content-Length');
    const both = await client.infer('scorer', { inputs: [features(1, 2, 3, 4)] }, { features: bytes });
    expect(refusal(both).issues[0]?.path).toBe('inputs[0].data');
  });
});

interface Datatype {
  readonly name: string;
  /** As they stand in JSON. */
  readonly json: string;
  /** The same in binary. */
  readonly array: ArrayBufferView;
  /** More that only binary can carry. */
  readonly binaryOnly?: ArrayBufferView;
  /** What JSON must not bring in. */
  readonly refused: readonly string[];
}

const DATATYPES: Partial<Record<TensorType, Datatype>> = {
  bool: { name: 'BOOL', json: 'true,false', array: Uint8Array.of(1, 0), refused: ['1', '"true"', 'null'] },
  uint8: {
    name: 'UINT8',
    json: '0,255',
    array: Uint8Array.of(0, 255),
    refused: ['-1', '256', '1.5', 'true'],
  },
  uint16: { name: 'UINT16', json: '0,65535', array: Uint16Array.of(0, 65535), refused: ['-1', '65536'] },
  uint32: {
    name: 'UINT32',
    json: '0,4294967295',
    array: Uint32Array.of(0, 2 ** 32 - 1),
    refused: ['-1', '4294967296'],
  },
  uint64: {
    name: 'UINT64',
    json: '0,9007199254740993,18446744073709551615',
    array: BigUint64Array.of(0n, 2n ** 53n + 1n, 2n ** 64n - 1n),
    refused: ['-1', '18446744073709551616', '1.5', '"1"'],
  },
  int8: { name: 'INT8', json: '-128,127', array: Int8Array.of(-128, 127), refused: ['-129', '128'] },
  int16: {
    name: 'INT16',
    json: '-32768,32767',
    array: Int16Array.of(-32768, 32767),
    refused: ['-32769', '32768'],
  },
  int32: {
    name: 'INT32',
    json: '-2147483648,2147483647',
    array: Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
    refused: ['-2147483649', '2147483648', '1e300'],
  },
  int64: {
    name: 'INT64',
    json: '-9223372036854775808,-9007199254740993,9223372036854775807',
    array: BigInt64Array.of(-(2n ** 63n), -(2n ** 53n) - 1n, 2n ** 63n - 1n),
    refused: ['9223372036854775808', '-9223372036854775809', '0.5', '1e300'],
  },
  float32: {
    name: 'FP32',
    json: '-3.4028234663852886e+38,1.401298464324817e-45,-0.0,0.5',
    array: Float32Array.of(-3.4028234663852886e38, 1.401298464324817e-45, -0, 0.5),
    binaryOnly: Float32Array.of(NaN, Infinity, -Infinity),
    refused: ['3.5e38', '1e400', '"NaN"'],
  },
  float64: {
    name: 'FP64',
    json: '-1.7976931348623157e+308,5e-324,-0.0,0.1',
    array: Float64Array.of(-Number.MAX_VALUE, Number.MIN_VALUE, -0, 0.1),
    binaryOnly: Float64Array.of(NaN, Infinity, -Infinity),
    refused: ['1e400', 'null'],
  },
};

describe('datatypes', () => {
  const types = Object.entries(DATATYPES) as [TensorType, Datatype][];
  let echo: OipClient;
  let end: () => Promise<void>;

  beforeAll(async () => {
    const names: [TensorType, string][] = types.map(([dtype, { name }]) => [dtype, name]);
    const all: [TensorType, string][] = [...names, ['float16', 'FP16'], ['string', 'BYTES']];
    const handles = await Promise.all(all.map(([dtype, name]) => createRunner(echoOf(dtype, name))));
    ({ client: echo, close: end } = await serve(handles));
  });
  afterAll(() => end());

  const request = (name: string, count: number, data: string): string =>
    `{"inputs":[{"name":"value","datatype":"${name}","shape":[1,${count}],"data":[${data}]}]}`;
  const toBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength);

  it.each(types)(
    '%s: least and greatest values go through JSON to the digit',
    async (_dtype, { name, json }) => {
      const answer = await echo.ask(`/v2/models/${name}/infer`, request(name, json.split(',').length, json));
      expect(answer.body.toString()).toContain(`"data":[${json}]`);
    },
  );

  it.each(types)(
    '%s: the same from JSON to binary and from binary to JSON',
    async (_dtype, { name, json, array }) => {
      const count = json.split(',').length;
      const text = request(name, count, json).replace('{', '{"parameters":{"binary_data_output":true},');
      expect(outputsOf(await echo.ask(`/v2/models/${name}/infer`, text)).value?.bytes).toEqual(
        toBytes(array),
      );
      const inputs = [{ name: 'value', datatype: name, shape: [1, count] }];
      const back = await echo.infer(name, { inputs }, { value: array });
      expect(back.body.toString()).toContain(`"data":[${json}]`);
    },
  );

  it.each(types)('%s: binary goes through to the bit', async (_dtype, { name, array, binaryOnly }) => {
    for (const sent of [array, ...(binaryOnly ? [binaryOnly] : [])]) {
      const length = (sent as Uint8Array).length;
      const inputs = [{ name: 'value', datatype: name, shape: [1, length] }];
      const parameters = { binary_data_output: true };
      expect(outputsOf(await echo.infer(name, { inputs, parameters }, { value: sent })).value?.bytes).toEqual(
        toBytes(sent),
      );
    }
  });

  it.each(types)('%s: JSON is refused beyond its range', async (_dtype, { name, refused }) => {
    for (const text of refused) {
      const answer = await echo.ask(`/v2/models/${name}/infer`, request(name, 1, text));
      expect([text, answer.status, refusal(answer).issues[0]?.path]).toEqual([
        text,
        400,
        'inputs[0].data[0]',
      ]);
    }
  });

  it.each(['FP32', 'FP64'])(
    '%s: NaN and infinities cannot leave as JSON, and the answer says how they can',
    async (name) => {
      const ElementArray = name === 'FP32' ? Float32Array : Float64Array;
      for (const number of [NaN, Infinity, -Infinity]) {
        const inputs = [{ name: 'value', datatype: name, shape: [1, 1] }];
        const answer = await echo.infer(name, { inputs }, { value: ElementArray.of(number) });
        expect(answer.status).toBe(400);
        expect(refusal(answer).error).toContain('binary_data');
      }
    },
  );

  it('FP16: travels in binary only', async () => {
    // Greatest, least, NaN, infinity, -0.
    const sent = Uint16Array.of(0x7bff, 0x0001, 0x7e00, 0x7c00, 0x8000);
    const inputs = [{ name: 'value', datatype: 'FP16', shape: [1, 5] }];
    const parameters = { binary_data_output: true };
    expect(outputsOf(await echo.infer('FP16', { inputs, parameters }, { value: sent })).value?.bytes).toEqual(
      toBytes(sent),
    );
    const asJson = await echo.infer('FP16', { inputs }, { value: sent });
    expect(refusal(asJson).issues[0]?.path).toBe('outputs');
    const fromJson = await echo.infer('FP16', {
      inputs: [{ ...inputs[0], data: [1, 2, 3, 4, 5] }],
      parameters,
    });
    expect(refusal(fromJson).issues[0]?.path).toBe('inputs[0].data');
  });

  it('BOOL: bytes other than 0 and 1 are refused', async () => {
    const inputs = [{ name: 'value', datatype: 'BOOL', shape: [1, 2] }];
    expect((await echo.infer('BOOL', { inputs }, { value: Uint8Array.of(1, 2) })).status).toBe(400);
  });

  const element = (...parts: (string | Buffer)[]): Buffer =>
    Buffer.concat(
      parts.flatMap((part) => {
        const bytes = Buffer.from(part as string);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.byteLength);
        return [length, bytes];
      }),
    );

  it('BYTES: text with NUL and beyond ASCII, in JSON and binary', async () => {
    const texts = ['', 'a\0b', 'ü💡', 'x'.repeat(300)];
    const inputs = [{ name: 'value', datatype: 'BYTES', shape: [2, 2] }];
    const json = await echo.infer('BYTES', { inputs: [{ ...inputs[0], data: texts }] });
    expect(outputsOf(json).value?.data).toEqual(texts);
    const parameters = { binary_data_output: true };
    const binary = await echo.infer('BYTES', { inputs, parameters }, { value: element(...texts) });
    expect(outputsOf(binary).value?.bytes).toEqual(element(...texts));
  });

  it.each<[string, Buffer]>([
    ['not UTF-8', element(Buffer.from([0xff, 0xfe]))],
    ['one too few', Buffer.alloc(0)],
    ['one too many', element('a', 'b')],
    ['a length beyond the tensor', Buffer.from([2, 0, 0, 0, 65])],
    ['a huge length', Buffer.from([0xff, 0xff, 0xff, 0xff, 65])],
    ['a broken length', Buffer.from([1, 0])],
  ])('BYTES: refuses %s', async (_title, value) => {
    const inputs = [{ name: 'value', datatype: 'BYTES', shape: [1, 1] }];
    const answer = await echo.infer('BYTES', { inputs }, { value });
    expect(answer.status).toBe(400);
    expect(refusal(answer).issues[0]?.path).toBe('inputs[0]');
  });

  it('BYTES: a runner of bytes takes and gives any', async () => {
    const inputs = [{ name: 'input', datatype: 'BYTES', shape: [2] }];
    const value = element(Buffer.from([0, 0xff]), Buffer.from('ab'));
    const parameters = { binary_data_output: true };
    const answer = await client.infer('bytes', { inputs, parameters }, { input: value });
    expect(outputsOf(answer).output?.bytes).toEqual(element(Buffer.from([0xff, 0]), Buffer.from('ba')));
    expect((await client.infer('bytes', { inputs }, { input: value })).status).toBe(400);
  });
});

describe('compression', () => {
  const numbers = Array.from({ length: 400 }, (_, index) => index % 7);
  const document = {
    inputs: [{ name: 'features', datatype: 'FP32', shape: [100, 4] }],
    parameters: { binary_data_output: true },
  };
  const { body, headers } = inferBody(document, { features: Float32Array.from(numbers) });
  const path = '/v2/models/scorer/infer';

  it.each([
    ['gzip', gzipSync, gunzipSync],
    ['deflate', deflateSync, inflateSync],
  ] as const)('%s, of requests and of answers', async (encoding, pack, unpack) => {
    const plain = await client.ask(path, body, headers);
    expect(plain.headers['content-encoding']).toBeUndefined();
    const request = await client.ask(path, pack(body), { ...headers, 'content-encoding': encoding });
    expect(request.body).toEqual(plain.body);
    const answer = await client.ask(path, body, { ...headers, 'accept-encoding': encoding });
    expect(answer.headers).toMatchObject({
      'content-encoding': encoding,
      'inference-header-content-length': plain.headers['inference-header-content-length'],
    });
    expect(unpack(answer.body)).toEqual(plain.body);
  });

  it('prefers what the client prefers, and leaves alone what it does not take, short answers and errors', async () => {
    const encodingOf = async (accepted: string, content: string | Buffer = body, more: object = headers) => {
      const answer = await client.ask(path, content, { ...more, 'accept-encoding': accepted });
      return answer.headers['content-encoding'];
    };
    expect(await encodingOf('gzip;q=0.1, deflate')).toBe('deflate');
    expect(await encodingOf('br, *;q=0.5')).toBe('gzip');
    expect(await encodingOf('br, gzip;q=0, identity')).toBeUndefined();
    const short = JSON.stringify({ inputs: [features(1, 2, 3, 4)] });
    expect(await encodingOf('gzip', short, {})).toBeUndefined();
    const bad = JSON.stringify({ inputs: Array.from({ length: 50 }, () => ({})) });
    expect(await encodingOf('gzip', bad, {})).toBeUndefined();
  });

  it('refuses what is damaged, grows too large, or is compressed in another way', async () => {
    const send = (content: Buffer, encoding: string) =>
      client.ask(path, content, { 'content-encoding': encoding });
    const damaged = await send(Buffer.from('not gzip'), 'gzip');
    const bomb = await send(gzipSync(Buffer.alloc(2 * BODY_LIMIT)), 'gzip');
    const other = await send(body, 'br');
    expect([damaged, bomb, other].map(({ status }) => status)).toEqual([400, 413, 415]);
    for (const answer of [damaged, bomb, other]) refusal(answer);
  });
});

describe('errors', () => {
  it.each([
    ['GET', '/v2/nothing', 404],
    ['GET', '/v2/models/none', 404],
    ['POST', '/v2/models/none/infer', 404],
    ['GET', '/v2/models/scorer/infer', 405],
    ['POST', '/v2/health/ready', 405],
    ['DELETE', '/v2/models/scorer', 405],
    ['GET', '/v2/models/%zz', 400],
    ['POST', '/v2/repository/models/scorer/load', 403],
    ['POST', '/v2/repository/models/scorer/unload', 403],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await client.ask(path, method === 'GET' ? undefined : '{}', {}, method);
    expect(answer.status).toBe(status);
    refusal(answer);
  });

  it('413 for a body beyond the limit', async () => {
    const answer = await client.ask('/v2/models/scorer/infer', Buffer.alloc(BODY_LIMIT + 1, ' '));
    expect(answer.status).toBe(413);
    refusal(answer);
  });

  it('429 with Retry-After, 503 and 504', async () => {
    const handle = await createRunner(Slow);
    const { client: slow, close: end } = await serve([{ handle, queue: 0, concurrency: 1 }]);
    const others = new OipClient(slow.url);
    onTestFinished(end);
    onTestFinished(() => others.close());
    const wait = (ms: number) =>
      JSON.stringify({ inputs: [{ name: 'input', datatype: 'FP64', shape: [1], data: [ms] }] });
    const path = '/v2/models/slow/infer';

    const late = await slow.ask(path, wait(200), { 'x-request-timeout-ms': 20 });
    expect([late.status, refusal(late).code]).toEqual([504, 'RW_DEADLINE']);
    await new Promise((resolve) => setTimeout(resolve, 250));

    const first = slow.ask(path, wait(300));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await others.ask(path, wait(0));
    expect([refused.status, refusal(refused).code]).toEqual([429, 'RW_QUEUE_FULL']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await first).status).toBe(200);

    await handle.close();
    const closed = await slow.ask(path, wait(0));
    expect([closed.status, refusal(closed).code]).toEqual([503, 'RW_HANDLE_STATE']);
  });
});

describe('the connection', () => {
  const { body, headers } = inferBody(
    {
      inputs: [
        { name: 'scale', datatype: 'INT64', shape: [3] },
        { name: 'features', datatype: 'FP32', shape: [3, 4] },
      ],
      parameters: { binary_data_output: true },
    },
    {
      scale: BigInt64Array.of(1n, 2n, 3n),
      features: Float32Array.from({ length: 12 }, (_, index) => index / 3),
    },
  );
  const length = headers['inference-header-content-length'] ?? 0;
  const request = (framing: string): Buffer =>
    Buffer.from(
      `POST /v2/models/scorer/infer HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: ${length}\r\n${framing}\r\n\r\n`,
    );
  const chunked = (chunks: readonly Buffer[]): Buffer =>
    Buffer.concat([
      ...chunks.flatMap((chunk) => [
        Buffer.from(`${chunk.byteLength.toString(16)}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ]),
      Buffer.from('0\r\n\r\n'),
    ]);
  /** The body of an answer to raw bytes that are written in these pieces. */
  const write = async (pieces: readonly Buffer[]): Promise<Buffer> => {
    const socket = connect(Number(new URL(client.url).port), '127.0.0.1').setNoDelay();
    let received = Buffer.alloc(0);
    const whole = new Promise<Buffer>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('data', (data: Buffer) => {
        received = Buffer.concat([received, data]);
        const head = received.indexOf('\r\n\r\n');
        const size = Number(/content-length: (\d+)/i.exec(received.toString('latin1'))?.[1] ?? Infinity);
        if (head >= 0 && received.byteLength >= head + 4 + size) resolve(received.subarray(head + 4));
      });
    });
    await once(socket, 'connect');
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answer = await whole;
    socket.destroy();
    return answer;
  };
  const split = (bytes: Buffer, random: () => number, most: number): Buffer[] => {
    const pieces: Buffer[] = [];
    for (let start = 0; start < bytes.byteLength;) {
      const size = 1 + Math.floor(random() * most);
      pieces.push(bytes.subarray(start, start + size));
      start += size;
    }
    return pieces;
  };

  it('gives one answer however the bytes arrive', async () => {
    const { body: expected } = await client.ask('/v2/models/scorer/infer', body, headers);
    // A generator with a fixed seed: a failure can be seen again.
    let seed = 20260;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let round = 0; round < 60; round += 1) {
      const isChunked = round % 2 === 1;
      const bytes = isChunked
        ? [request('Transfer-Encoding: chunked'), chunked(split(body, random, 100))]
        : [request(`Content-Length: ${body.byteLength}`), body];
      const pieces = split(Buffer.concat(bytes), random, round % 3 === 0 ? 20 : 200);
      expect(await write(pieces)).toEqual(expected);
    }
  });

  it('goes on after an error', async () => {
    const alone = new OipClient(client.url);
    onTestFinished(() => alone.close());
    const path = '/v2/models/scorer/infer';
    const good = async (): Promise<void> => expect((await alone.ask(path, body, headers)).status).toBe(200);
    const connections = async (): Promise<number> =>
      new Promise((resolve, reject) =>
        app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    await good();
    const before = await connections();
    for (const [target, content] of [
      [path, '{'],
      [path, '{"inputs":[]}'],
      ['/v2/models/none/infer', 'some body'],
      ['/v2/repository/models/x/load', '{}'],
      ['/v2/models/nested/infer', '{}'],
    ] as const) {
      const answer = await alone.ask(target, content);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.connection).not.toBe('close');
      await good();
    }
    expect(await connections()).toBe(before);
  });

  it('answers through inject as over a socket', async () => {
    const cases: [string, Buffer | string, Record<string, string>][] = [
      ['/v2/models/scorer/infer', body, { 'inference-header-content-length': String(length) }],
      ['/v2/models/scorer/infer', JSON.stringify({ inputs: [features(1, 2, 3, 4)] }), {}],
      ['/v2/models/scorer/infer', '{"inputs":[{}]}', {}],
      ['/v2/models/nested/infer', '{}', {}],
    ];
    for (const [url, payload, own] of cases) {
      const injected = await app.inject({ method: 'POST', url, payload, headers: own });
      const socket = await client.ask(url, payload, own);
      expect(injected.statusCode).toBe(socket.status);
      expect(injected.rawPayload).toEqual(socket.body);
      expect(injected.headers['content-type']).toBe(socket.headers['content-type']);
      expect(String(injected.headers['inference-header-content-length'])).toBe(
        String(socket.headers['inference-header-content-length']),
      );
    }
  });
});

describe('generate', () => {
  it('gives the fields of the output beside the model', async () => {
    const request = { id: '1', text_input: 'hello', parameters: { max_tokens: 3, stream: false } };
    expect(await client.json('/v2/models/shout/generate', request)).toEqual({
      status: 200,
      body: { model_name: 'shout', id: '1', text_output: 'HEL' },
    });
  });

  it('streams events, with an error as the last where it breaks off', async () => {
    const ask = async (text: string): Promise<unknown[]> => {
      const answer = await client.ask(
        '/v2/models/words/generate_stream',
        JSON.stringify({ text_input: text }),
      );
      expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      const events = answer.body.toString().split('\n\n');
      expect(events.pop()).toBe('');
      return events.map((event) => JSON.parse(event.replace(/^data: /, '')) as unknown);
    };
    expect(await ask('a b')).toEqual([
      { model_name: 'words', text_output: 'a' },
      { model_name: 'words', text_output: 'b' },
    ]);
    expect((await ask('a stop')).at(-1)).toMatchObject({
      code: 'RW_STAGE_FAILED',
      error: expect.any(String),
    });
  });

  it('streams one event of a runner that does not stream', async () => {
    const answer = await client.ask('/v2/models/shout/generate_stream', '{"text_input":"a"}');
    expect(answer.body.toString()).toBe('data: {"model_name":"shout","text_output":"A"}\n\n');
  });

  it.each([
    ['words', 'generate', '{"text_input":"a"}', 'generate_stream'],
    ['words', 'generate_stream', '{"text_input":5}', 'must be a string'],
    ['words', 'generate_stream', '{}', 'must be a string'],
    ['shout', 'generate', '{"text_input":5}', 'text_input'],
    ['shout', 'generate', '{"text_input":"a","other":1}', 'other'],
    ['shout', 'generate', '[]', 'JSON object'],
    ['shout', 'generate', '{', 'JSON object'],
    ['slow', 'generate', '{"text_input":"1"}', 'infer'],
  ])('%s %s refuses %s before anything runs', async (model, verb, body, reason) => {
    const answer = await client.ask(`/v2/models/${model}/${verb}`, body);
    expect(answer.status).toBe(400);
    expect(refusal(answer).error).toContain(reason);
  });
});

describe('loading and unloading', () => {
  const body = '{"inputs":[{"name":"value","datatype":"INT64","shape":[1,1],"data":[5]}]}';
  /** A server whose clients may load models of any name that begins with `m`; what it loaded. */
  const serveOpenly = async () => {
    const loaded: RunnerHandle[] = [];
    const load = async (name: string): Promise<RunnerHandle> => {
      if (name === 'broken') throw new Error('secret 4711');
      if (!name.startsWith('m')) {
        const what = 'there is no such model';
        throw new RunwrightError('RW_MODEL_NOT_FOUND', { where: 'registry 4711', what, hint: 'List them' });
      }
      loaded.push(await createRunner(echoOf('int64', 'echo')));
      return loaded.at(-1) as RunnerHandle;
    };
    const server = await serve([await createRunner(Scorer)], { modelControl: { load } });
    onTestFinished(server.close);
    const statusOf = async (path: string, content = ''): Promise<number> =>
      (await server.client.ask(path, content)).status;
    return { ...server, loaded, statusOf };
  };

  it('puts a model under the name that was asked for, replaces it, and takes it away', async () => {
    const { loaded, statusOf } = await serveOpenly();
    const states = () => loaded.map(({ state }) => state);
    expect(await statusOf('/v2/models/m1/infer', body)).toBe(404);
    expect(await statusOf('/v2/repository/models/m1/load')).toBe(200);
    expect(await statusOf('/v2/models/m1/infer', body)).toBe(200);
    expect(await statusOf('/v2/repository/models/m1/load', '{"parameters":{}}')).toBe(200);
    expect(states()).toEqual(['closed', 'ready']);
    expect(await statusOf('/v2/models/m1/infer', body)).toBe(200);
    expect(await statusOf('/v2/repository/models/m1/unload')).toBe(200);
    expect(states()).toEqual(['closed', 'closed']);
    expect(await statusOf('/v2/models/m1/infer', body)).toBe(404);
    expect(await statusOf('/v2/repository/models/m1/unload')).toBe(404);
  });

  it('says why a model cannot be loaded, and goes on', async () => {
    const { client: open, statusOf } = await serveOpenly();
    const unknown = await open.ask('/v2/repository/models/x/load', '');
    expect([unknown.status, refusal(unknown).error]).toEqual([
      404,
      'there is no such model to load. Check its name',
    ]);
    const broken = await open.ask('/v2/repository/models/broken/load', '');
    expect([broken.status, refusal(broken).code]).toEqual([500, 'RW_STAGE_FAILED']);
    expect(await statusOf('/v2/repository/models/m1/load')).toBe(200);
  });

  it('leaves the handles of the program to it, and closes its own when the server closes', async () => {
    const { app: open, client: asker, loaded, statusOf } = await serveOpenly();
    expect(await statusOf('/v2/repository/models/m1/load')).toBe(200);
    expect(await statusOf('/v2/repository/models/scorer/unload')).toBe(200);
    expect(await statusOf('/v2/models/scorer/infer', body)).toBe(404);
    expect((await asker.json('/v2/models')).body).toEqual({ models: ['m1'] });
    asker.close();
    await open.close();
    expect(loaded.map(({ state }) => state)).toEqual(['closed']);
  });
});
