import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { open } from '../fixtures/open';
import { project } from '../fixtures/project';

const faultOf = async (directory: string, entry = 'a.ts'): Promise<RunwrightError> => {
  const error: unknown = await bundleEntry({ entry: join(directory, entry) }).then(
    () => expect.unreachable('the bundle was made'),
    (reason: unknown) => reason,
  );
  if (!RunwrightError.is(error)) throw error;
  return error;
};

describe('an entry that is no module', () => {
  it.each([
    ['is missing', 'nowhere.ts', /no such file/],
    ['lies below a file', 'note.txt/a.ts', /no such file/],
    ['is a folder', 'folder', /not a file/],
    ['is a folder that is called like a module', 'folder.ts', /not a file/],
    ['is of another kind', 'note.txt', /not a TypeScript or JavaScript module/],
    ['is a declaration', 'a.d.ts', /not a TypeScript or JavaScript module/],
  ])('is refused when it %s', async (_, entry, what) => {
    const directory = project({ 'note.txt': '', 'folder/index.ts': '', 'a.d.ts': '' });
    mkdirSync(join(directory, 'folder.ts'));
    const { code, message } = await faultOf(directory, entry);
    expect(code).toBe('RW_ENTRY_INVALID');
    expect(message).toMatch(what);
    expect(message).toContain(entry);
  });

  it('is refused with the name of the source that stands in its place', async () => {
    const directory = project({ 'a.ts': 'export class A {}', 'b.txt': '' });
    expect((await faultOf(directory, 'a.js')).hint).toContain('There is a.ts beside it');
    expect((await faultOf(directory, 'b.js')).hint).toContain('Name the module');
  });

  it('is refused when its path is relative', async () => {
    await expect(bundleEntry({ entry: './a.ts' })).rejects.toMatchObject({
      code: 'RW_ENTRY_INVALID',
      what: 'the path is not absolute',
    });
  });
});

describe('syntax errors', () => {
  it('name file, line and column in the entry, and hold no frame', async () => {
    const directory = project({ 'a.ts': 'export class A {\n  foo( {\n}\n' });
    const { code, where, message } = await faultOf(directory);
    expect(code).toBe('RW_BUNDLE_FAILED');
    expect(where).toMatch(/a\.ts:\d+:\d+$/);
    expect(message.split('\n')).toHaveLength(1);
    expect(message).not.toMatch(/╭|│| at /);
  });

  it('are told of all files at once, dependencies and JSON included', async () => {
    const directory = project({
      'a.ts': `import 'dep'; import './b'; import './c.json';`,
      'b.ts': 'const a = ;',
      'c.json': '{ no',
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' },
      'node_modules/dep/index.js': '\n\n  let let = 1;',
    });
    const { message } = await faultOf(directory);
    expect(message).toMatch(/b\.ts:1:11: syntax error/);
    expect(message).toMatch(/c\.json:1:\d+: the JSON is not valid/);
    expect(message).toMatch(/dep\/index\.js:3:\d+: syntax error/);
  });

  it.each(['css', 'wasm', 'md'])('of a .%s file say that it cannot be bundled', async (extension) => {
    const directory = project({
      'a.ts': `import x from './x.${extension}'; export { x };`,
      [`x.${extension}`]: '# not a module',
    });
    expect((await faultOf(directory)).message).toMatch(
      new RegExp(`a \\.${extension} file cannot be bundled.*artifact`),
    );
  });
});

describe('imports that cannot be resolved', () => {
  it('are told all at once, each with its importer and what to do', async () => {
    const directory = project({
      'a.ts': `import { x } from './nowhere';\nimport absent from 'absent/sub';\nimport '#inner'; import 'https://example.com/x.js';\nexport const l = [x, absent, () => import('@s/later')];\nimport 'dep';`,
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' },
      'node_modules/dep/index.js': `module.exports = () => require('peer');`,
    });
    const { code, message } = await faultOf(directory);
    expect(code).toBe('RW_BUNDLE_FAILED');
    expect(message).toMatch(/a\.ts:1:19: cannot resolve "\.\/nowhere"\. Correct the path/i);
    expect(message).toMatch(/a\.ts:2:20: cannot resolve "absent\/sub"\. Install it \(npm install absent\)/i);
    expect(message).toMatch(/a\.ts:4:\d+: cannot resolve "@s\/later".*npm install @s\/later/i);
    expect(message).toMatch(/"#inner"/);
    expect(message).toMatch(/"https:\/\/example\.com\/x\.js"/);
    expect(message).toMatch(/dep\/index\.js:1:\d+: cannot resolve "peer"[^\n]*"peer" as a requirement\./);
  });

  it('are no fault where a dependency can do without: they fail when they run, as ever', async () => {
    const directory = project({
      'a.ts': `export { found, later } from 'dep';`,
      'node_modules/dep/package.json': {
        name: 'dep',
        version: '1.0.0',
        peerDependenciesMeta: { peer: { optional: true } },
      },
      'node_modules/dep/index.js': `
        exports.found = 'nothing';
        try { exports.found = require('optional'); } catch (error) { exports.found = error.code; }
        try { require('./build/missing.js'); } catch {}
        exports.later = () => require('peer');`,
    });
    const { found, later } = await open<{ found: string; later: () => unknown }>({
      entry: join(directory, 'a.ts'),
    });
    expect(found).toBe('MODULE_NOT_FOUND');
    expect(later).toThrow(/peer/);
  });
});

describe('sub-paths of libraries that the loading process does not give', () => {
  it('are refused with place and way out, each once', async () => {
    const directory = project({
      'a.ts': `import { createTestRunner } from 'runwright/testing';\nimport './b';\nimport 'dep';\nexport const a = createTestRunner;`,
      'b.ts': `\nexport const b = () => import('runwright/server');\nexport const c = require('class-transformer/storage');`,
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0', type: 'module' },
      'node_modules/dep/index.js': `import 'class-validator/types';`,
    });
    const { code, message } = await faultOf(directory);
    expect(code).toBe('RW_BUNDLE_FAILED');
    expect(message.split('\n').filter((line) => line.startsWith('  - '))).toEqual([
      expect.stringMatching(
        /a\.ts:1:34: "runwright\/testing" cannot be imported.*gives it "runwright", "runwright\/onnx", and "runwright\/torch" alone: .*module that the entry does not import/,
      ),
      expect.stringMatching(/b\.ts:2:31: "runwright\/server"/),
      expect.stringMatching(
        /b\.ts:3:26: "class-transformer\/storage".*"class-transformer" and "class-transformer\/cjs\/storage"/,
      ),
      expect.stringMatching(/dep\/index\.js:1:8: "class-validator\/types"/),
    ]);
  });

  it('are no fault as types, or where the module copes without', async () => {
    const directory = project({
      'a.ts': `
        import type { ServerOptions } from 'runwright/server';
        import { TestRunner } from 'runwright/testing';
        export const a = (options: ServerOptions, runner: TestRunner) => [options, runner];
        export let b: unknown;
        try { b = require('class-validator/nothing'); } catch { b = 'nothing'; }`,
    });
    await expect(open({ entry: join(directory, 'a.ts') })).resolves.toMatchObject({ b: 'nothing' });
  });
});

describe('names that a module does not export', () => {
  const types = `export interface Shape { w: number } export type Alias = string; export class Real {}`;
  const decorated = (imports: string, type: string) => `
    import { Predict } from 'runwright';
    ${imports}
    export class R { @Predict() predict(model: ${type}, input: Real) { return [model, input]; } }`;

  it('are no fault when they are types without `type`, also through a barrel, a re-export and a package', async () => {
    const directory = project({
      'a.ts': decorated(
        `import { Shape, Alias, Real } from './barrel'; import { Shape as Again } from './types'; import Default, { Options } from 'esm';
         export { Shape as Out } from './types';`,
        'Shape | Alias | Again | Default | Options',
      ).replace('input: Real', 'input: Real, b: Alias, c: Again, d: Options, e: Shape, f: Default'),
      'barrel.ts': `export { Shape, Real } from './types'; export * from './types';`,
      'types.ts': types,
      'node_modules/esm/package.json': { name: 'esm', version: '1.0.0', type: 'module' },
      'node_modules/esm/index.js': `export const value = 1;`,
    });
    const { R, ...others } = await open<{ R: { prototype: object } }>({ entry: join(directory, 'a.ts') });
    expect(Object.values(others).filter((value) => value !== undefined)).toEqual([]);
    const [, real, ...rest] = Reflect.getMetadata(
      'design:paramtypes',
      R.prototype,
      'predict',
    ) as (new () => unknown)[];
    expect(real?.name).toBe('Real');
    expect(rest).toEqual([Object, Object, Object, Object, Object]);
  });

  it('are a fault when they are values, even when types are missing too', async () => {
    const directory = project({
      'a.ts': decorated(
        `import { Shape, Real, /* größer 🎉 */ gone } from './types'; export const a = gone;`,
        'Shape',
      ),
      'types.ts': types,
    });
    const { where, message } = await faultOf(directory);
    expect(where).toMatch(/a\.ts:3:\d+$/);
    expect(message).toMatch(/"gone" is not exported by \S+types\.ts\./);
  });

  it('are a fault in JavaScript', async () => {
    const directory = project({
      'a.js': `import { gone } from './b.js'; export const a = gone;`,
      'b.js': 'export const b = 1;',
    });
    expect((await faultOf(directory, 'a.js')).message).toMatch(/"gone"/);
  });
});
