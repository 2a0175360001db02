import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadInstance } from '../../../src/models/loadInstance';
import { OnnxModel } from '../../../src/models/onnx/OnnxModel';
import { savedFormatOf } from '../../../src/models/savedFormatOf';
import { saveInstance } from '../../../src/models/saveInstance';
import { mlp } from './onnx/onnxFiles';
import { withModel } from './onnx/withOnnxFile';
import { withFolder } from './value/withFolder';

describe('saveInstance and loadInstance', () => {
  it('keep an ONNX model as one', () =>
    withModel(mlp(), (model) =>
      withFolder(async (directory) => {
        await saveInstance(model, directory);
        expect(await savedFormatOf(directory)).toBe('onnx');
        const loaded = await loadInstance(directory, { threads: 1 });
        expect(OnnxModel.is(loaded)).toBe(true);
        await (loaded as OnnxModel).release();
      }),
    ));

  it('keep any other value as the default format does', () =>
    withFolder(async (directory) => {
      await saveInstance(new Map([['a', 1n]]), directory);
      expect(await savedFormatOf(directory)).toBe('default');
      expect(await loadInstance(directory)).toEqual(new Map([['a', 1n]]));
    }));

  it('know what they did not write', () =>
    withFolder(async (directory) => {
      expect(await savedFormatOf(directory)).toBeUndefined();
      for (const other of ['', '{"format":"runwright-onnxes"}', '{ "format": "runwright-onnx" }', '[]']) {
        await writeFile(join(directory, 'model.json'), other);
        expect(await savedFormatOf(directory)).toBeUndefined();
      }
      await expect(loadInstance(directory)).rejects.toMatchObject({ code: 'RW_MODEL_FILE_INVALID' });
    }));
});
