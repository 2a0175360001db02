import { describe, expect, it } from 'vitest';
import { checkOnnxOptions } from '../../../../src/models/onnx/checkOnnxOptions';
import type { OnnxOptions } from '../../../../src/models/onnx/OnnxOptions';
import { mlp } from './onnxFiles';
import { withModel } from './withOnnxFile';

describe('checkOnnxOptions', () => {
  it('keeps what is given, apart from the object that it was given in', () => {
    const given = { batch: true, intraOpNumThreads: 2, logId: undefined, extra: { session: { a: '1' } } };
    const checked = checkOnnxOptions(given, 'x');
    expect(checked).toEqual({ batch: true, intraOpNumThreads: 2, extra: { session: { a: '1' } } });
    given.extra.session.a = '2';
    expect(checked.extra).toEqual({ session: { a: '1' } });
  });

  it('names an unknown option, and lists what there is', () => {
    expect(() => checkOnnxOptions({ threads: 2 }, 'x.onnx')).toThrow(
      'x.onnx, option `threads`: there is no such option. Options are executionProviders, intraOpNumThreads,',
    );
    expect(() => checkOnnxOptions({ optimizedModelFilePath: '/tmp/x' }, 'x')).toThrow(
      'there is no such option',
    );
    expect(() => checkOnnxOptions([], 'x')).toThrow('the options are array, not a plain object');
  });

  it.each<[string, unknown, string]>([
    ['graphOptimizationLevel', 'most', 'Pass one of disabled, basic, extended, layout, all, or leave it out'],
    [
      'executionMode',
      1,
      'it is the number 1 where something else is needed. Pass one of sequential, parallel',
    ],
    ['intraOpNumThreads', 1e9, 'Pass a whole number from 0'],
    ['interOpNumThreads', -1, 'Pass a whole number from 0'],
    ['logSeverityLevel', 5, 'Pass one of 0, 1, 2, 3, 4'],
    ['enableCpuMemArena', 'yes', 'it is string where something else is needed. Pass true or false'],
    ['batch', 32, 'Pass true or false'],
    ['executionProviders', 'cpu', 'Pass an array of names'],
    ['executionProviders', [{ deviceId: 1 }], 'Pass an array of names'],
    ['executionProviders', [{ name: 'qnn', backendPath: '/tmp/evil.so' }], 'of numbers and booleans'],
    ['extra', { session: 5 }, 'Pass nested objects of strings'],
    [
      'extra',
      { session: { collect_node_memory_stats_to_file: '/etc/x' } },
      'none of them the name of a file',
    ],
  ])('refuses %s as %j', (name, value, said) => {
    expect(() => checkOnnxOptions({ [name]: value }, 'x')).toThrow(said);
  });

  it('refuses settings without end', () => {
    const extra: Record<string, unknown> = {};
    extra['again'] = extra;
    expect(() => checkOnnxOptions({ extra }, 'x')).toThrow('Pass nested objects of strings');
  });

  it.each<OnnxOptions>([
    { executionProviders: ['cpu'] },
    { executionProviders: [{ name: 'cpu', useArena: false }] },
    { graphOptimizationLevel: 'disabled', executionMode: 'parallel', interOpNumThreads: 2 },
    { enableCpuMemArena: false, enableMemPattern: false, logId: 'me', logSeverityLevel: 3 },
    { extra: { session: { intra_op: { allow_spinning: '0' } } } },
  ])('passes on what onnxruntime takes: %j', (options) =>
    withModel(mlp(), (model) => expect(model.options).toEqual(options), options),
  );

  it('refuses a provider that is not there, before anything is written to the console', async () => {
    await expect(
      withModel(mlp(), () => undefined, { executionProviders: ['cpu', 'quantum'] }),
    ).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      what: 'the onnxruntime-node that is installed has no provider "quantum"',
    });
  });
});
