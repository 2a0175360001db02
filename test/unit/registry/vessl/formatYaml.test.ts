import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatYaml } from '../../../../src/registry/vessl/formatYaml';

const read = (text: string): unknown => parse(text, { version: '1.1', maxAliasCount: 0 });

describe('formatYaml', () => {
  it("writes what PyYAML's dump writes for a manifest", () => {
    const manifest = {
      version: 'v1',
      use_default: ['load_model', 'postprocess_data'],
      runner: { save_type: 'cloudpickle', save_path: 'vessl.runner.pkl' },
      requirements: ['numpy==1.26.0', 'requests'],
      model: { save_type: 'cloudpickle', save_path: 'vessl.model.pkl', save_output: null },
      artifacts: { 'data/labels.txt': 'data/labels.txt' },
    };
    expect(formatYaml(manifest)).toBe(
      `artifacts:
  data/labels.txt: data/labels.txt
model:
  save_output: null
  save_path: vessl.model.pkl
  save_type: cloudpickle
requirements:
- numpy==1.26.0
- requests
runner:
  save_path: vessl.runner.pkl
  save_type: cloudpickle
use_default:
- load_model
- postprocess_data
version: v1
`,
    );
    expect(formatYaml({ a: [], b: {} })).toBe('a: []\nb: {}\n');
  });

  it('is read back as it was, whatever the text, and is ASCII', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.constantFrom(
        'yes',
        'N',
        'off',
        'null',
        '~',
        '',
        '1',
        '1.5',
        '1:30',
        '0x1f',
        '=',
        '<<',
        ' lead',
        '- d',
        '\x7f\u2028',
      ),
    );
    const record = fc.dictionary(text, text, { noNullPrototype: true });
    fc.assert(
      fc.property(
        fc.record({
          artifacts: record,
          requirements: fc.array(text),
          model: fc.record({ save_output: fc.option(record) }),
        }),
        (value) => {
          const yaml = formatYaml(value);
          expect(yaml).toMatch(/^[\n -~]*$/);
          expect(read(yaml)).toEqual(value);
        },
      ),
    );
  });
});
