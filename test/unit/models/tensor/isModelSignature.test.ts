import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isModelSignature } from '../../../../src/models/tensor/isModelSignature';
import { choice, identity, mlp, twoInputs } from '../onnx/onnxFiles';
import { node, onnxFile, value } from '../onnx/onnxFile';
import { withModel } from '../onnx/withOnnxFile';

const x = { name: 'x', dtype: 'float32', shape: ['n', 2] };
const good = { inputs: [x], outputs: [x], batch: true };

describe('isModelSignature', () => {
  it.each([
    ['mlp', mlp()],
    ['two inputs', twoInputs()],
    ['a scalar', choice()],
    ['texts', identity('string', ['', 3])],
    [
      'no inputs',
      onnxFile({
        nodes: [node('Identity', ['w'], ['y'])],
        outputs: [value('y', 'float32', [2])],
        initializers: [{ name: 'w', dims: [2], values: [1, 2] }],
      }),
    ],
    [
      'no shapes',
      onnxFile({
        nodes: [node('Relu', ['x'], ['y'])],
        inputs: [value('x', 'float32')],
        outputs: [value('y', 'float32')],
      }),
    ],
  ])('knows what a file of %s gives, after its way through JSON', (_, bytes) =>
    withModel(bytes, ({ signature }) => {
      expect(isModelSignature(JSON.parse(JSON.stringify(signature)))).toBe(true);
    }),
  );

  it.each([
    ['no object', [good]],
    ['no inputs', { ...good, inputs: undefined }],
    ['inputs by name', { ...good, inputs: { x } }],
    ['an input that is none', { ...good, inputs: [null] }],
    ['no name', { ...good, inputs: [{ ...x, name: 1 }] }],
    ['a type that there is not', { ...good, inputs: [{ ...x, dtype: 'bfloat16' }] }],
    ['a type that every object has', { ...good, inputs: [{ ...x, dtype: 'constructor' }] }],
    ['a size below 0', { ...good, outputs: [{ ...x, shape: ['n', -1] }] }],
    ['a size that is no whole number', { ...good, outputs: [{ ...x, shape: ['n', 1.5] }] }],
    ['no shape', { ...good, outputs: [{ ...x, shape: undefined }] }],
    ['a batch without a dimension', { ...good, outputs: [{ ...x, shape: [] }] }],
    ['a batch that is none', { ...good, batch: 'yes' }],
    ['a reason that is no text', { ...good, batch: false, batchReason: {} }],
    ['an anyShape that is not true', { ...good, batch: false, inputs: [{ ...x, anyShape: 'yes' }] }],
  ])('refuses %s', (_, value) => {
    expect(isModelSignature(good)).toBe(true);
    expect(isModelSignature(value)).toBe(false);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof isModelSignature(value) === 'boolean'));
  });
});
