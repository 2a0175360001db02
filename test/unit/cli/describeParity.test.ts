import { describe, expect, it } from 'vitest';
import { describeParity } from '../../../src/cli/describeParity';

const report = {
  runtimes: { torch: '1.13.1', 'onnxruntime-node': '1.20.0' },
  opset: 17,
  cases: 34,
  batchSizes: [1, 3],
  rtol: 1e-4,
  outputs: [
    {
      name: 'scores',
      elements: 680,
      atol: 1.23456e-5,
      maxAbsolute: 2.384185791015625e-7,
      maxRelative: 0.000123456,
    },
    { name: 'label', elements: 34, atol: 0, maxAbsolute: 0, maxRelative: 0 },
  ],
};

describe('describeParity', () => {
  it('says what was compared, and how far each output is apart, in three digits', () => {
    expect(describeParity(report)).toEqual([
      'equal within the tolerance: torch 1.13.1 and onnxruntime-node 1.20.0, opset 17, 34 inputs, batches of 1 and 3',
      'scores: 680 elements, at most 2.38e-7 apart (relative 0.000123), 0.0000123 + 0.0001 * |value| allowed',
      'label: 34 elements, at most 0 apart (relative 0), 0 + 0.0001 * |value| allowed',
    ]);
  });

  it('says nothing of batches where the model has none', () => {
    expect(describeParity({ ...report, batchSizes: [], outputs: [] })).toEqual([
      'equal within the tolerance: torch 1.13.1 and onnxruntime-node 1.20.0, opset 17, 34 inputs',
    ]);
  });
});
