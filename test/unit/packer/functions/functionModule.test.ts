import * as fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionModule, type FunctionModuleOptions } from '../../../../src/packer/functions/functionModule';
import { shipFunction } from '../../../../src/packer/functions/shipFunction';
import { registerHost } from '../../../../src/packer/host/registerHost';
import { hostModules, open } from '../fixtures/open';
import { project } from '../fixtures/project';

/** What `makeModelRunner` gets from the generated module, bundled and loaded. */
async function given(
  options: FunctionModuleOptions,
  files: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const directory = project(files);
  const host = registerHost({
    ...hostModules,
    'runwright/model-runner': () => ({ makeModelRunner: (parts: unknown) => ({ parts }) }),
  });
  const entry = join(directory, 'generated.js');
  const { runner } = await open<{ runner: { parts: Record<string, unknown> } }>(
    { entry, source: functionModule(options) },
    project({}),
    host,
  );
  return runner.parts;
}

describe('the module of functions', () => {
  it('makes a runner of the parts, of shipped functions, and of nothing that was not given', async () => {
    const preprocess = { expression: await shipFunction((x: number) => x / 255, 'preprocess') };
    const parts = await given({ parts: { name: 'digits', maxSize: 8 }, preprocess });
    expect(Object.keys(parts)).toEqual(['name', 'maxSize', 'preprocess']);
    expect(parts).toMatchObject({ name: 'digits', maxSize: 8 });
    expect((parts.preprocess as (x: number) => number)(51)).toBe(0.2);
  });

  it.each([
    ['./types.ts', 'types.ts', `export { f as default, f as 'a name', Input as class, Input as Plain };`],
    [
      './legacy.cjs',
      'legacy.cjs',
      `module.exports = { f, 'a name': f, class: Input, Plain: Input }; module.exports.default = f;`,
    ],
  ])('takes exports by any name: %s', async (entry, file, exported) => {
    const isCommonJs = file.endsWith('.cjs');
    const parts = await given(
      {
        parts: {},
        entry,
        preprocess: { exportName: isCommonJs ? 'a name' : 'default' },
        postprocess: { exportName: 'a name' },
        input: 'class',
        output: 'Plain',
      },
      { [file]: `class Input {} const f = (x) => [x]; ${exported}` },
    );
    expect(Object.keys(parts)).toEqual(['preprocess', 'postprocess', 'input', 'output']);
    expect((parts.preprocess as (x: number) => unknown)(1)).toEqual([1]);
    expect(parts.postprocess).toBe(parts.preprocess);
    expect((parts.input as () => { name: string })().name).toBe('Input');
    expect((parts.output as () => unknown)()).toBe((parts.input as () => unknown)());
  });

  it('keeps shipped functions and exports apart', async () => {
    const parts = await given(
      {
        parts: {},
        entry: './own.ts',
        preprocess: { expression: '((x) => { const postprocess = x; return postprocess; })' },
        postprocess: { exportName: 'preprocess' },
      },
      { 'own.ts': `const runner = 2; export const preprocess = (x: number) => x * runner;` },
    );
    expect((parts.preprocess as (x: number) => number)(4)).toBe(4);
    expect((parts.postprocess as (x: number) => number)(4)).toBe(8);
  });

  it('leaves comparisons that TypeScript would take for type arguments', async () => {
    const compare = (0, eval)('(a, b, c, d) => [a < b, c > (d)]') as unknown;
    const expression = await shipFunction(compare, 'preprocess');
    const { preprocess } = await given({ parts: {}, preprocess: { expression } });
    expect((preprocess as (...values: number[]) => unknown)(1, 2, 3, 4)).toEqual([true, false]);
  });

  it('says which export the entry lacks', async () => {
    const options = { parts: {}, entry: './own.ts', postprocess: { exportName: 'missing' } };
    await expect(given(options, { 'own.ts': 'export const other = 1;' })).rejects.toMatchObject({
      code: 'RW_BUNDLE_FAILED',
      message: expect.stringMatching(/"missing" is not exported by .*own\.ts/),
    });
  });

  it('needs an entry for an export', () => {
    expect(() => functionModule({ parts: {}, input: 'Input' })).toThrow(TypeError);
  });

  it('keeps every JSON value as it is, `__proto__` and line separators too', async () => {
    const odd = JSON.parse(
      '{"__proto__": {"a": 1}, "text": "\u2028 \u2029 </script> ` ${x} \\\\ \\" \ud83d"}',
    );
    const parts = await given({ parts: odd });
    expect(Object.keys(parts)).toEqual(['__proto__', 'text']);
    expect(JSON.stringify(parts)).toBe(JSON.stringify(odd));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        const text = functionModule({ parts: JSON.parse(json) });
        const body = text.slice(text.indexOf('\n')).replace('export const runner =', 'return');
        const read = (0, eval)(`(makeModelRunner) => { 'use strict'; ${body} }`) as (
          make: (parts: unknown) => unknown,
        ) => unknown;
        expect(JSON.stringify(read((got) => got))).toBe(json);
      }),
    );
  });
});
