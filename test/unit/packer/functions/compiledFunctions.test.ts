import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { project } from '../fixtures/project';

const repository = join(__dirname, '../../../..');

const source = `
import { join } from 'node:path';
import def, * as semver from 'semver';
enum Kind { Small = 'small', Large = 'large' }
const mean: number = 3;
export const helper = (x: number): number => x / 2;

export async function parts(x: { a: number; b?: number; c?: { d: number } }): Promise<unknown> {
  const { a, ...rest } = x;
  const { posix } = await import('node:path');
  const later = async (n: number): Promise<number> => n ** 2;
  return [posix.join('a', String(a)), { ...rest, e: await later(3) }, x.c?.d ?? 'none'];
}
export const packed = async (x: string): Promise<unknown> => (await import('semver')).clean(x);
export const nested = (x: number): unknown => {
  class Box { static made = 1; value = x; get() { return this.value + Box.made; } }
  function named(): void {}
  return [new Box().get(), named.name];
};
export const methods = { scale(x: number): number { return x * 2; } };
export const imported = (x: string): string => join(x, semver.clean(x) ?? String(def));
export const outside = (x: number): number => helper(x) - mean;
export const enumerated = (): Kind => Kind.Small;
export const meta = (): string => __filename;
`;

/** Ships every export, and answers with what each gives for an input, or why it is refused. */
const script = `
const { pathToFileURL } = require('node:url');
const { writeFileSync } = require('node:fs');
const cases = { parts: { a: 1, b: 2 }, packed: ' =v1.2.3 ', nested: 4, 'methods.scale': 5, imported: '1.0.0', outside: 1, enumerated: 0, meta: 0 };
(async () => {
  const { shipFunction } = await import('./tool.mjs');
  const loaded = await import(pathToFileURL(process.argv[1]).href);
  const module = loaded.parts === undefined ? loaded.default : loaded;
  const answers = {};
  for (const [path, input] of Object.entries(cases)) {
    const value = path.split('.').reduce((holder, key) => holder[key], module);
    try {
      writeFileSync('./shipped-' + path + '.mjs', 'export default ' + (await shipFunction(value, 'preprocess')));
      const shipped = (await import(pathToFileURL('./shipped-' + path + '.mjs').href)).default;
      answers[path] = JSON.stringify(await shipped(input)) === JSON.stringify(await value(input)) ? await shipped(input) : 'differs';
    } catch (error) { answers[path] = error.message; }
  }
  process.stdout.write(JSON.stringify(answers));
})();
`;

const tsc = (target: ts.ScriptTarget, module: ts.ModuleKind): string =>
  ts.transpileModule(source, {
    compilerOptions: { target, module, esModuleInterop: true },
    fileName: 'module.ts',
  }).outputText;
const { CommonJS, ESNext } = ts.ModuleKind;
const { ES2015, ES2017, ES2022 } = ts.ScriptTarget;

describe('functions as compilers leave them', () => {
  let tool: string;
  beforeAll(async () => {
    const entry = join(repository, 'src/packer/functions/shipFunction.ts');
    tool = (await bundleEntry({ entry, requirements: ['rolldown', 'eslint-scope'] })).code.toString();
  });

  it.each([
    ['tsc, ES2015, CommonJS', 'module.cjs', tsc(ES2015, CommonJS)],
    ['tsc, ES2017, CommonJS', 'module.cjs', tsc(ES2017, CommonJS)],
    ['tsc, ES2022, CommonJS', 'module.cjs', tsc(ES2022, CommonJS)],
    ['tsc, ES2017, ES modules', 'module.mjs', tsc(ES2017, ESNext)],
    ['tsc, ES2022, ES modules', 'module.mjs', tsc(ES2022, ESNext)],
    ['oxc', 'module.mjs', transformSync('module.ts', source, { target: 'es2022' }).code],
  ])('are shipped or refused alike: %s', (_, name, code) => {
    const directory = project({ 'tool.mjs': tool, [name]: code });
    symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
    const answers: unknown = JSON.parse(
      execFileSync(process.execPath, ['-e', script, join(directory, name)], { cwd: directory }).toString(),
    );
    expect(answers).toEqual({
      parts: ['a/1', { b: 2, e: 9 }, 'none'],
      packed: '1.2.3',
      nested: [5, 'named'],
      'methods.scale': 10,
      imported: expect.stringMatching(
        /for 3 reasons:\n.*`(node_path_1\.)?join` .*\n.*`semver\.clean` .*\n.*`(def|semver_1\.default)` /,
      ),
      outside: expect.stringMatching(/`(exports\.)?helper` is used[^]*`mean` is used, which is defined/),
      enumerated: expect.stringMatching(/`Kind\.Small` is used, which is defined outside/),
      meta: expect.stringMatching(/`__filename` is used, and the function leaves its module/),
    });
  });
});
