import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OnnxModel } from '../../../../src/models/onnx/OnnxModel';
import { node, onnxFile, value } from './onnxFile';
import { choice, externalData, identity, mlp } from './onnxFiles';
import { FOUR_WEIGHTS, withOnnxFile } from './withOnnxFile';

const INPUTS = [value('x', 'float32', ['n'])];
const OUTPUTS = [value('y', 'float32', ['n'])];
const relu = { nodes: [node('Relu', ['x'], ['y'])], inputs: INPUTS, outputs: OUTPUTS };

/** What opening such a file says; it must be RW_MODEL_FILE_INVALID, and name the file. */
const refusal = (bytes: Uint8Array, beside?: Record<string, Uint8Array>): Promise<string> =>
  withOnnxFile(
    bytes,
    async (file) => {
      const error: unknown = await OnnxModel.fromFile(file).then(
        () => 'it was opened',
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'RW_MODEL_FILE_INVALID' });
      const { message } = error as Error;
      expect(message.startsWith(file)).toBe(true);
      // Once is enough.
      expect(message.split(file)).toHaveLength(2);
      return message;
    },
    beside,
  );

describe('opening an ONNX file', () => {
  it.each<[string, Uint8Array, string]>([
    ['an empty file', Buffer.alloc(0), 'the file is empty'],
    [
      'a file of something else',
      Buffer.from('PK\x03\x04 surely a zip file'),
      'it is not an ONNX file, or not a whole one',
    ],
    ['text', Buffer.from('hello'), 'it is not an ONNX file'],
    ['a message without a graph', Buffer.from([8, 8]), 'it is not an ONNX file: it holds no graph'],
    [
      'an opset of the future',
      onnxFile({ ...relu, opset: 99 }),
      'it needs opset 99 of ai.onnx, and the onnxruntime-node that is installed knows up to 2',
    ],
    ['a format of the future', onnxFile({ ...relu, ir: 99 }), 'it has version 99 of the ONNX format'],
    [
      'an unknown operator',
      onnxFile({ ...relu, nodes: [node('Frobnicate', ['x'], ['y'])] }),
      'it has the operator Frobnicate, which opset 13 does not have',
    ],
    [
      'an operator of one’s own',
      onnxFile({ ...relu, nodes: [{ ...node('Foo', ['x'], ['y']), domain: 'com.acme' }] }),
      'it has an operator of "com.acme"',
    ],
    ['bfloat16', identity('bfloat16'), 'an input or output of it has elements of bfloat16'],
    ['complex numbers', identity('complex64'), 'it has elements of complex64'],
    [
      'a broken graph',
      onnxFile({ ...relu, nodes: [node('Relu', ['z'], ['y'])] }),
      "onnxruntime cannot open it: Invalid model. Node input 'z' is not",
    ],
    [
      'an optional value',
      onnxFile({
        opset: 16,
        nodes: [node('Identity', ['x'], ['y'])],
        inputs: [{ ...value('x', 'float32', [2]), as: 'optional' }],
        outputs: [{ ...value('y', 'float32', [2]), as: 'optional' }],
      }),
      'input "x": it is a sequence, a map or an optional value, not a tensor',
    ],
    [
      'a sequence',
      onnxFile({
        nodes: [node('SequenceConstruct', ['x'], ['y'])],
        inputs: INPUTS,
        outputs: [{ ...value('y', 'float32', ['n']), as: 'sequence' }],
      }),
      'output "y": it is a sequence',
    ],
    [
      'an input that no object can hold',
      onnxFile({
        nodes: [node('Relu', ['__proto__'], ['y'])],
        inputs: [value('__proto__', 'float32', ['n'])],
        outputs: OUTPUTS,
      }),
      'no object can hold a tensor under this name',
    ],
  ])('refuses %s', async (_, bytes, said) => {
    const message = await refusal(bytes);
    expect(message).toContain(said);
    expect(message).not.toContain('onnxruntime_src');
  });

  it('refuses a file that was cut off anywhere', async () => {
    const whole = mlp();
    for (let length = 1; length < whole.length; length += 23) {
      expect(await refusal(whole.subarray(0, length))).toMatch(
        /not an ONNX file|not a whole one|cannot open/,
      );
    }
  });

  describe('with external data', () => {
    it('names what is missing, also in a subgraph', async () => {
      expect(await refusal(externalData('w.bin'))).toContain(
        'its external data "w.bin" is missing. Put the file into',
      );
      expect(await refusal(choice('deep/w.bin'))).toContain('its external data "deep/w.bin" is missing');
    });

    it('says when it is too short', async () => {
      const message = await refusal(externalData('w.bin', 8), { 'w.bin': FOUR_WEIGHTS });
      expect(message).toContain('the file of its external data is too short for the weights of "w"');
    });

    it.each([
      '../w.bin',
      '/etc/passwd',
      'a/../../w.bin',
      'C:\\w.bin',
      '..\\w.bin',
      '',
      'a//b',
      '*/_ORT_MEM_ADDR_/*',
    ])('refuses the location %j', async (location) => {
      expect(await refusal(externalData(location))).toMatch(/is not a path within its folder|is missing/);
    });

    it('refuses a folder in its place', async () => {
      expect(await refusal(externalData('w'), { 'w/x': FOUR_WEIGHTS })).toContain('is not a file');
    });

    it('opens a model that is itself a link to the blob of a store', () =>
      withOnnxFile(mlp(), async (file, directory) => {
        await symlink(file, join(directory, 'link.onnx'));
        const model = await OnnxModel.fromFile(join(directory, 'link.onnx'));
        await model.release();
      }));
  });
});
