import { describe, expect, it } from 'vitest';
import { makeVesslManifest } from '../../../../src/registry/vessl/vesslManifest';

const stage = { method: 'x', static: false };

describe('makeVesslManifest', () => {
  const make = (manifest: unknown, keys: Record<string, string> = {}) =>
    makeVesslManifest(manifest, new Map(Object.entries(keys)));

  it.each([
    [{ load: stage, predict: stage }, ['preprocess_data', 'postprocess_data']],
    [{ predict: stage }, ['load_model', 'preprocess_data', 'postprocess_data']],
    [{ save: stage, load: stage, preprocess: stage, predict: stage, postprocess: stage }, []],
    [{ postprocess: stage, predict: stage }, ['load_model', 'preprocess_data']],
  ])('lists the stages that the user did not write: %j', (stages, expected) => {
    expect(make({ runner: { stages } }).use_default).toEqual(expected);
  });

  it.each(['default', 'onnx', 'torch'])('marks a model of the %s saver as ours', (format) => {
    expect(make({ model: { format, props: null } }).model).toEqual({
      save_output: null,
      save_path: 'vessl.runwright.json',
      save_type: 'runwright',
    });
  });

  it.each(['user-defined', 'external', 'none'])(
    'says user-defined of %s, with what @Save returned',
    (format) => {
      expect(make({ model: { format, props: { alpha: '2' } } }).model).toEqual({
        save_output: { alpha: '2' },
        save_path: null,
        save_type: 'user-defined',
      });
    },
  );

  it('names requirements in the form of npm', () => {
    const packages = [
      { name: '@scope/a', version: '1.2.3', integrity: 'x' },
      { name: 'b', version: '2.0.0' },
    ];
    expect(make({ requirements: { packages } }).requirements).toEqual(['@scope/a@1.2.3', 'b@2.0.0']);
  });

  it('says where artifacts lie, those of a folder too that had to go elsewhere', () => {
    const keys = {
      'a.txt': 'vessl.runwright/1',
      'v/b': 'v/b',
      'v/c': 'vessl.runwright/2',
      'w/d': 'vessl.runwright/3',
    };
    expect(make({ artifacts: ['a.txt', 'v/*'] }, keys).artifacts).toEqual({
      'a.txt': 'vessl.runwright/1',
      'v/*': 'v/*',
      'v/c': 'vessl.runwright/2',
    });
  });

  it.each([
    undefined,
    null,
    [],
    'x',
    { runner: 1, model: [], artifacts: {}, requirements: { packages: [1] } },
  ])('makes something readable of anything: %j', (manifest) => {
    expect(make(manifest)).toMatchObject({ version: 'v1', requirements: [], artifacts: {} });
  });
});
