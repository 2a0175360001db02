import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOnnx } from '../../../../src/models/onnx/loadOnnx';
import { OnnxModel } from '../../../../src/models/onnx/OnnxModel';
import type { OnnxOptions } from '../../../../src/models/onnx/OnnxOptions';
import { saveOnnx } from '../../../../src/models/onnx/saveOnnx';
import { plain, tensor } from '../tensor/tensor';
import { withFolder } from '../value/withFolder';
import { externalData, mlp } from './onnxFiles';
import { FOUR_WEIGHTS, withOnnxFile } from './withOnnxFile';

/** Saves a model of these bytes, and gives its folder. */
const withSaved = <T>(
  bytes: Uint8Array,
  work: (directory: string, model: OnnxModel) => Promise<T> | T,
  { options, beside }: { options?: OnnxOptions; beside?: Record<string, Uint8Array> } = {},
): Promise<T> =>
  withOnnxFile(
    bytes,
    (file) =>
      withFolder(async (directory) => {
        const model = await OnnxModel.fromFile(file, options);
        await model.release();
        await saveOnnx(model, directory);
        return work(directory, model);
      }),
    beside,
  );

const contentsOf = async (directory: string): Promise<Record<string, string>> => {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((each) =>
    each.isFile(),
  );
  const paths = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
  const read = paths.map(async (path) => [
    path.slice(directory.length + 1),
    (await readFile(path)).toString('hex'),
  ]);
  return Object.fromEntries((await Promise.all(read)) as [string, string][]);
};

describe('saveOnnx', () => {
  it('keeps file, options and signature, and loadOnnx opens it again', () =>
    withSaved(
      mlp(),
      async (directory, model) => {
        expect(await readFile(join(directory, 'model.onnx'))).toEqual(mlp());
        const json = await readFile(join(directory, 'model.json'), 'utf8');
        expect(json.startsWith('{"format":"runwright-onnx",')).toBe(true);
        expect(JSON.parse(json)).toEqual({
          format: 'runwright-onnx',
          version: 1,
          file: 'model.onnx',
          external: [],
          options: { graphOptimizationLevel: 'basic', batch: false },
          signature: model.signature,
        });
        const loaded = await loadOnnx(directory, { threads: 1 });
        expect(loaded.options).toEqual(model.options);
        expect(loaded.signature).toEqual(model.signature);
        await loaded.release();
      },
      { options: { graphOptimizationLevel: 'basic', batch: false } },
    ));

  it('takes external data along under its own name, from folders that are read-only', () =>
    withSaved(
      externalData('./weights/w.bin'),
      async (directory) => {
        expect(await readFile(join(directory, 'weights/w.bin'))).toEqual(Buffer.from(FOUR_WEIGHTS));
        await chmod(directory, 0o555);
        const loaded = await loadOnnx(directory);
        const { y } = await loaded.run({ x: tensor('float32', [0, 0, 0, 0], [1, 4]) });
        expect(plain(y!)).toMatchObject({ data: [1, 2, 3, 4] });
        await loaded.release();
        await chmod(directory, 0o755);
      },
      { beside: { 'weights/w.bin': FOUR_WEIGHTS } },
    ));

  it('writes the same bytes each time, whatever the order of options and the mode of the file', async () => {
    const save = (options: OnnxOptions): Promise<Record<string, string>> =>
      withSaved(
        mlp(),
        async (directory) => {
          expect((await stat(join(directory, 'model.onnx'))).mode & 0o777).toBe(0o644);
          return contentsOf(directory);
        },
        { options },
      );
    const first = await save({ batch: true, logId: 'x', extra: { a: '1', b: '2' } });
    expect(await save({ extra: { b: '2', a: '1' }, logId: 'x', batch: true })).toEqual(first);
  });

  it.each(['model.json', 'model.onnx', 'Model.JSON', 'model.json/w.bin'])(
    'refuses external data with our name %s',
    (location) =>
      expect(
        withSaved(externalData(location), () => undefined, { beside: { [location]: FOUR_WEIGHTS } }),
      ).rejects.toMatchObject({
        code: 'RW_MODEL_FILE_INVALID',
        message: expect.stringContaining('has a name that a saved model uses itself') as string,
      }),
  );
});

describe('loadOnnx', () => {
  const sound = { format: 'runwright-onnx', version: 1, file: 'model.onnx', external: [], options: {} };

  it.each<[string, unknown, string]>([
    [
      'another format',
      { ...sound, format: 'runwright-model' },
      'the file is not of the format runwright-onnx',
    ],
    ['another version', { ...sound, version: 2 }, 'the file is not of version 1 of runwright-onnx'],
    ['a path outside', { ...sound, file: '../../etc/x.onnx' }, 'its `file` is not model.onnx'],
    ['external data outside', { ...sound, external: ['../x'] }, 'its `external` is not a list of paths'],
    ['external data that is no list', { ...sound, external: 'x' }, 'its `external` is not a list of paths'],
    [
      'an unknown option',
      { ...sound, options: { optimizedModelFilePath: '/tmp/x' } },
      'there is no such option',
    ],
    ['no options', { ...sound, options: undefined }, 'the options are undefined'],
    ['an array', [], 'the file is not of the format runwright-onnx'],
  ])('refuses a model.json with %s', (_, json, said) =>
    withFolder(async (directory) => {
      await writeFile(join(directory, 'model.json'), JSON.stringify(json));
      await writeFile(join(directory, 'model.onnx'), mlp());
      await expect(loadOnnx(directory)).rejects.toMatchObject({
        code: 'RW_MODEL_FILE_INVALID',
        message: expect.stringContaining(said) as string,
      });
    }),
  );

  it('says what is missing', () =>
    withFolder(async (directory) => {
      await expect(loadOnnx(directory)).rejects.toThrow('model.json: the file is missing');
      await writeFile(join(directory, 'model.json'), 'nothing');
      await expect(loadOnnx(directory)).rejects.toThrow('model.json: the file is not JSON');
      await writeFile(join(directory, 'model.json'), JSON.stringify(sound));
      await expect(loadOnnx(directory)).rejects.toThrow('model.onnx: there is no such file');
    }));

  it.skipIf(process.platform !== 'linux')(
    'leaves the threads to the loader, unless the options say them',
    async () => {
      const threadsOf = (options: OnnxOptions): Promise<number> =>
        withSaved(
          mlp(),
          async (directory) => {
            const before = (await readdir('/proc/self/task')).length;
            const model = await loadOnnx(directory, { threads: 9 });
            const started = (await readdir('/proc/self/task')).length - before;
            await model.release();
            return started;
          },
          { options },
        );
      // The caller's own thread works too.
      expect(await threadsOf({})).toBe(8);
      expect(await threadsOf({ intraOpNumThreads: 3 })).toBe(2);
    },
  );
});
