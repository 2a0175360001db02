import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTorch } from '../../../../src/models/torch/loadTorch';
import { saveTorch } from '../../../../src/models/torch/saveTorch';
import { TorchModel } from '../../../../src/models/torch/TorchModel';

const folder = mkdtempSync(join(tmpdir(), 'runwright-torchmodel-'));
afterAll(() => rmSync(folder, { recursive: true }));
const onnx = join(folder, 'model.onnx');
writeFileSync(onnx, Uint8Array.of(8, 8));

const input = { name: 'x', dtype: 'float32', shape: ['batch', 4] };

describe('TorchModel.fromFile', () => {
  it.each([
    [{ inputs: [] }, /`inputs`: it is empty/],
    [{ inputs: [null] }, /`inputs`\[0\]: it is null/],
    [{ inputs: [{ ...input, dtype: 'string' }] }, /`inputs`\[0\]\.dtype/],
    [{ inputs: [{ ...input, shape: [0] }] }, /`inputs`\[0\]\.shape/],
    [{ inputs: [{ ...input, shape: 4 }] }, /`inputs`\[0\]\.shape/],
    [{ inputs: [{ ...input, range: [2, 1] }] }, /`inputs`\[0\]\.range/],
    [{ inputs: [{ ...input, dtype: 'int64', range: [0.5, 3] }] }, /`inputs`\[0\]\.range: .*no int64/],
    [{ inputs: [{ ...input, dtype: 'uint8', range: [0, 256] }] }, /`inputs`\[0\]\.range: .*no uint8/],
    [{ inputs: [{ ...input, dtype: 'bool', range: [-1, 1] }] }, /`inputs`\[0\]\.range: .*no bool/],
    [{ inputs: [{ ...input, examples: 5 }] }, /`inputs`\[0\]\.examples/],
    [{ inputs: [{ ...input, sahpe: [1] }] }, /there is no such member/],
    [{ inputs: [input, input] }, /x is there twice/],
    [{ batch: 1 }, /option `batch`: it is number/],
    [{ timeout: 0 }, /option `timeout`/],
    [{ memoryLimit: '1 GB' }, /option `memoryLimit`/],
    [{ pyhton: 'python3' }, /there is no such option/],
  ])('refuses %j', async (options, message) => {
    const made = TorchModel.fromFile(onnx, options as never);
    await expect(made).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    await expect(made).rejects.toThrow(message);
  });

  it('takes a URL, and tells an ONNX file that torch does not run', async () => {
    const model = await TorchModel.fromFile(pathToFileURL(onnx), { inputs: [input as never] });
    expect([model.kind, model.file]).toEqual(['onnx', onnx]);
    expect(model.signature).toMatchObject({ inputs: [input], outputs: [] });
    await expect(model.start()).rejects.toThrow(/torch does not run.*OnnxModel\.fromFile/s);
    await expect(saveTorch(model, folder)).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    await model.release();
  });

  it('takes every value that a type has for a range', async () => {
    const ranges = [
      ['uint8', [0, 255]],
      ['int8', [-128, 127]],
      ['bool', [0, 1]],
      ['int64', [-(2 ** 53) + 1, 2 ** 53 - 1]],
      ['float32', [0.5, 1e30]],
    ];
    const inputs = ranges.map(([dtype, range], at) => ({ ...input, name: `x${at}`, dtype, range }));
    await expect(TorchModel.fromFile(onnx, { inputs: inputs as never })).resolves.toMatchObject({ inputs });
  });

  it('tells what was declared', async () => {
    const model = await TorchModel.fromFile(onnx, { batch: false, python: '/opt/python' });
    expect([model.batch, model.python]).toEqual([false, '/opt/python']);
  });

  it('is known as one by any copy of Runwright', async () => {
    expect(TorchModel.is(await TorchModel.fromFile(onnx))).toBe(true);
    expect([null, 'x.pt', { kind: 'onnx' }].some(TorchModel.is)).toBe(false);
  });
});

describe('loadTorch', () => {
  const sound = {
    format: 'runwright-torch',
    version: 1,
    file: 'model.pt',
    kind: 'torchscript',
    signature: { inputs: [input], outputs: [{ ...input, name: 'y' }], batch: true },
    timeout: 1000,
  };

  it.each([
    ['another path', { ...sound, file: '../../etc/passwd' }],
    ['the file of another kind', { ...sound, kind: 'exported-program' }],
    ['a kind of the prototype', { ...sound, kind: 'toString', file: undefined }],
    ['ONNX', { ...sound, kind: 'onnx', file: 'model.onnx' }],
    ['a newer version', { ...sound, version: 2 }],
    ['another format', { ...sound, format: 'runwright-onnx' }],
    ['no signature', { ...sound, signature: { inputs: [] } }],
    ['no time', { ...sound, timeout: -1 }],
    ['a limit that is none', { ...sound, memoryLimit: 'x' }],
    ['no object', []],
  ])('refuses a model.json with %s', async (_, json) => {
    writeFileSync(join(folder, 'model.json'), JSON.stringify(json));
    await expect(loadTorch(folder)).rejects.toMatchObject({ code: 'RW_MODEL_FILE_INVALID' });
  });

  it('refuses what is no JSON, and a folder without it', async () => {
    writeFileSync(join(folder, 'model.json'), '{"format":');
    await expect(loadTorch(folder)).rejects.toMatchObject({ code: 'RW_MODEL_FILE_INVALID' });
    await expect(loadTorch(join(folder, 'none'))).rejects.toMatchObject({ code: 'RW_MODEL_FILE_INVALID' });
  });
});
