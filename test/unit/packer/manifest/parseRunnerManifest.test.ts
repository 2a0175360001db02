import { describe, expect, it } from 'vitest';
import { parseRunnerManifest } from '../../../../src/packer/manifest/parseRunnerManifest';

const output = { name: 'y', elements: 3, atol: 1e-5, maxAbsolute: 0, maxRelative: 0 };
const parity = {
  runtimes: { torch: '1.13.0' },
  opset: 16,
  cases: 32,
  batchSizes: [1, 3],
  rtol: 1e-4,
  outputs: [output],
};
const tensor = { name: 'x', dtype: 'float32', shape: ['batch', 4] };
const manifest = {
  manifestVersion: 1,
  engines: {},
  runner: { name: 'tiny', export: null, stages: {}, input: {}, output: {} },
  code: [],
  model: { props: null, signature: { inputs: [tensor], outputs: [tensor], batch: true }, parity },
  artifacts: [],
  executables: [],
  requirements: { packages: [] },
};
const parse = (value: unknown) => parseRunnerManifest(Buffer.from(JSON.stringify(value)), 'tiny:1');

describe('a manifest of a package without code', () => {
  it('is taken', () => {
    expect(parse(manifest).model.parity).toEqual(parity);
    expect(parse({ ...manifest, model: { ...manifest.model, parity: undefined } }).model).not.toHaveProperty(
      'parity',
    );
  });

  it.each([
    5,
    null,
    {},
    { ...parity, runtimes: { torch: 1 } },
    { ...parity, cases: '32' },
    { ...parity, batchSizes: ['1'] },
    { ...parity, outputs: [{ name: 'y' }] },
    { ...parity, outputs: [{ ...output, atol: '0' }] },
  ])('is refused with %o for a parity report', (given) => {
    expect(() => parse({ ...manifest, model: { ...manifest.model, parity: given } })).toThrow(
      /`model\.parity` is not one/,
    );
  });
});
