import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { externalData, mlp, twoInputs } from '../unit/models/onnx/onnxFiles';
import { node, onnxFile, value } from '../unit/models/onnx/onnxFile';
import { childrenOf, CliProject, type Ended } from './cliProcess';

const DIGEST = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
const DATA = '{"features":[1,2,3,4]}';

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
  await writeFile(project.path('mlp.onnx'), mlp());
});
afterAll(() => project.remove());

const json = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await project.run([...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

/** A command that ends with an exit code, one message, and nothing on stdout. */
const fails = async (code: number, ...args: string[]): Promise<string> => {
  const ended: Ended = await project.run(args);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  // What onnxruntime said stands behind `cause`, without places in its sources.
  expect(ended.stderr).toMatch(
    /^error: [^\n]+ \[RW_[A-Z_]+\]\n {2}where: [^\n]+\n(?: {2}cause: [^\n]+\n)? {2}fix: [^\n]+\n$/,
  );
  expect(ended.stderr).not.toContain('onnxruntime_src');
  return ended.stderr;
};

describe('an ONNX file on the command line', () => {
  it('is built, registered under the same digest, verified and shown', async () => {
    expect(await json('register', 'mlp.onnx', '--repository', 'r')).toEqual({
      organization: 'default',
      repository: 'r',
      number: 1,
      digest: DIGEST,
      reference: 'default/r:1',
    });
    const { length: size } = await (async () => {
      const built = (await json('build', 'mlp.onnx', '-o', 'x.tar')) as { digest: string; size: number };
      const bytes = await readFile(project.path('x.tar'));
      expect(built).toEqual({ file: project.path('x.tar'), digest: DIGEST, size: bytes.length });
      expect(await json('register', 'x.tar', '--repository', 'r')).toMatchObject({
        number: 2,
        digest: built.digest,
      });
      expect(await json('verify', 'x.tar')).toMatchObject({ ok: true, digest: built.digest });
      return bytes;
    })();
    expect(size).toBeGreaterThan(mlp().length);
    expect((await project.run(['build', './mlp.onnx'])).code).toBe(0);
    expect(await readdir(project.directory)).toContain('mlp.runwright.tar');
    expect(await json('show', 'r:1')).toMatchObject({
      manifest: { code: [], runner: { name: 'r', export: null }, model: { format: 'onnx' } },
    });
    const shown = (await project.run(['show', 'r:1'])).stdout;
    expect(shown).toMatch(/^runner +r \(made from its model\)$/m);
    expect(shown).toMatch(/^batch +up to 32$/m);
    expect(shown).toMatch(/^tensors in +features float32 \[rows, 4\]$/m);
    expect(shown).toMatch(/^tensors out +scores float32 \[rows, 3\]$/m);
    expect(shown).not.toMatch(/^parity/m);
  });

  it('says when it is registered, and in `show`, why it is run one by one', async () => {
    await writeFile(project.path('fixed.onnx'), mlp({ rows: 1 }));
    const registered = await project.run(['register', 'fixed.onnx', '--repository', 'fixed']);
    expect(registered).toMatchObject({ code: 0, stderr: expect.stringContaining('one by one') as unknown });
    expect((await project.run(['show', 'fixed'])).stdout).toMatch(
      /^batch +one by one: input "features" \(float32 \[1, 4\]\) has 1 as its dimension 0$/m,
    );
  });

  it('predicts from the file as from the registry, and leaves nothing behind', async () => {
    await json('register', 'mlp.onnx', '--repository', 'p');
    const before = await readdir(project.directory);
    const fromFile = await project.run(['predict', 'mlp.onnx', '--data', DATA]);
    expect(fromFile).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(fromFile.stdout)).toEqual({
      scores: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
    expect(await project.run(['predict', 'p', '--data', DATA])).toEqual(fromFile);
    const left = (await readdir(project.directory)).filter((name) => !before.includes(name));
    expect(left.filter((name) => name !== 'cache')).toEqual([]);
    const lines = `${DATA}\n{"features":[1,2,null,4]}\n${DATA}\n`;
    const some = await project.run(['predict', 'mlp.onnx', '--input', '-'], lines);
    expect(some.code).toBe(1);
    expect(some.stdout.match(/scores/g)).toHaveLength(2);
    expect(some.stderr).toContain('features[2]');
  });

  it('is served by a process of its own', async () => {
    const running = project.start(['serve', 'mlp.onnx', '--port', '0', '--json']);
    onTestFinished(() => void running.child.kill('SIGKILL'));
    const { url } = JSON.parse(await running.firstLine()) as { url: string };
    expect(childrenOf(running.child.pid ?? 0)).toHaveLength(1);
    const ask = (path: string, body: string): Promise<Response> =>
      fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(await (await ask('/predict', DATA)).json()).toHaveProperty('scores');
    const metadata = (await (await fetch(`${url}/v2/models/mlp`)).json()) as object;
    expect(metadata).toMatchObject({ inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }] });
    const inputs = [{ name: 'features', datatype: 'FP32', shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] }];
    const inferred = (await (await ask('/v2/models/mlp/infer', JSON.stringify({ inputs }))).json()) as object;
    expect(inferred).toMatchObject({ outputs: [{ name: 'scores', shape: [2, 3] }] });
    expect((await ask('/predict', '{"features":[1]}')).status).toBe(400);
    const before = await readdir(project.directory);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, signal: null });
    const left = (await readdir(project.directory)).filter((name) => name.startsWith('runwright-'));
    expect([before.some((name) => name.startsWith('runwright-')), left]).toEqual([true, []]);
  });
});

describe('wrong usage', () => {
  it.each([
    [['register', 'model.pt', '--repository', 'r'], 'registerTorchModel'],
    [['predict', 'model.pt2', '--data', '1'], 'registerTorchModel'],
    [['verify', 'mlp.onnx'], 'a model alone, and a package is expected'],
    [['register', 'mlp.onnx', '--repository', 'r', '--class', 'Mlp'], '--class'],
    [['register', 'mlp.onnx', '--repository', 'r', '--allow-scripts', 'sharp'], '--allow-scripts'],
    [['build', 'mlp.onnx', '--requirement', 'sharp'], '--requirement'],
    [['build', 'mlp.onnx', '--artifact', 'a=b'], '--artifact'],
    [['predict', 'mlp.onnx', '--data', DATA, '--model', 'm'], '--model'],
    [['serve', 'mlp.onnx', '--model', 'm'], '--model'],
  ])('%j', async (args, said) => {
    const stderr = await fails(2, ...args);
    expect(stderr).toContain('[RW_USAGE]');
    expect(stderr).toContain(said);
  });
});

describe('a file that cannot be opened', () => {
  const io = { inputs: [value('x', 'float32', ['n'])], outputs: [value('y', 'float32', ['n'])] };
  it.each([
    ['cut.onnx', mlp().subarray(0, 700), /it is not an ONNX file, or not a whole one: .* at byte/],
    ['text.onnx', Buffer.from('no model'), /it is not an ONNX file/],
    ['empty.onnx', Buffer.alloc(0), /the file is empty/],
    [
      'opset.onnx',
      onnxFile({ nodes: [node('Relu', ['x'], ['y'])], ...io, opset: 99 }),
      /needs opset 99 of \S+, and the onnxruntime-node that is installed knows up to \d+/,
    ],
    ['op.onnx', onnxFile({ nodes: [node('Frobnicate', ['x'], ['y'])], ...io }), /the operator Frobnicate/],
    ['data.onnx', externalData('w.data'), /its external data "w\.data" is missing/],
    [
      'shapeless.onnx',
      onnxFile({
        nodes: [node('Relu', ['x'], ['y'])],
        inputs: [value('x', 'float32')],
        outputs: [value('y', 'float32')],
      }),
      /the model declares no shape for it/,
    ],
  ])('%s', async (name, bytes, said) => {
    await writeFile(project.path(name), bytes);
    for (const args of [
      ['register', name, '--repository', 'bad'],
      ['predict', name, '--data', '1'],
    ]) {
      const stderr = await fails(1, ...args);
      expect(stderr).toContain('[RW_MODEL_FILE_INVALID]');
      expect(stderr).toMatch(said);
    }
    expect(await json('list')).not.toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ repository: 'bad' })]) as unknown,
    });
  });

  it('is told apart from a file that is not there', async () => {
    expect(await fails(1, 'build', 'none.onnx')).toContain('there is no such file');
  });
});

it('two inputs that do not agree are the fault of who sends them', async () => {
  await writeFile(project.path('two.onnx'), twoInputs());
  const { code, stderr } = await project.run(['predict', 'two.onnx', '--data', '{"a":[1,2],"b":[1]}']);
  expect(code).toBe(1);
  expect(stderr).toContain('[RW_INPUT_INVALID]');
  expect(stderr).toContain('dimension 0 ("width") of b must be 2');
});
