import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onnxName } from '../../../src/registrar/onnxName';

describe('onnxName', () => {
  it.each([
    ['mlp.onnx', 'mlp'],
    ['/srv/models/Iris Net.onnx', 'iris-net'],
    ['./resnet50-v2.7_int8.onnx', 'resnet50-v2-7-int8'],
    ['--__x__.onnx', 'x'],
    ['模型.onnx', 'model'],
    ['a.b.ONNX', 'a-b'],
  ])('%s is %s', (file, name) => {
    expect(onnxName(file)).toBe(name);
  });

  it('is a name that a repository can have, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(onnxName(`${text}.onnx`)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});
