import { execFileSync } from 'node:child_process';
import * as classValidator from 'class-validator';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { BUNDLE_FILE } from '../../../../src/packer/bundle/Bundle';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { importBundle } from '../../../../src/packer/host/importBundle';
import { registerHost } from '../../../../src/packer/host/registerHost';
import { hostModules, open } from '../fixtures/open';
import { project } from '../fixtures/project';

describe('modules of the host', () => {
  it('are the same objects for import, for require in a dependency, and for every form of import', async () => {
    const directory = project({
      'package.json': { name: 'app', type: 'module' },
      'a.ts': `
        import 'reflect-metadata';
        import { IsNumber } from 'class-validator';
        import * as all from 'class-validator';
        import whole from 'class-validator';
        import { MinLength } from './again';
        import dep from 'dep';
        export const seen = { IsNumber, all: all.IsNumber, whole: whole.IsNumber, again: MinLength, dep };
        export const later = async () => (await import('class-validator')).IsNumber;`,
      'again.ts': `export * from 'class-validator';`,
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' },
      'node_modules/dep/index.js': `module.exports = [require('class-validator'), require('class-transformer')];`,
    });
    const { seen, later } = await open<{ seen: Record<string, unknown>; later: () => Promise<unknown> }>({
      entry: join(directory, 'a.ts'),
    });
    expect(seen.IsNumber).toBe(classValidator.IsNumber);
    expect(seen.all).toBe(classValidator.IsNumber);
    expect(seen.whole).toBe(classValidator.IsNumber);
    expect(seen.again).toBe(classValidator.MinLength);
    expect((seen.dep as unknown[])[0]).toBe(hostModules['class-validator']());
    expect((seen.dep as unknown[])[1]).toBe(hostModules['class-transformer']());
    expect(await later()).toBe(classValidator.IsNumber);
  });

  it('are those of every entry point that a package may use, and what generated code needs', async () => {
    const names = ['runwright/onnx', 'runwright/torch', 'runwright/model-runner'];
    const directory = project({
      'a.ts': names.map((name, index) => `export { name as name${index} } from '${name}';`).join('\n'),
    });
    const host = registerHost(Object.fromEntries(names.map((name) => [name, () => ({ name })])));
    expect(await open({ entry: join(directory, 'a.ts') }, project({}), host)).toMatchObject({
      name0: 'runwright/onnx',
      name1: 'runwright/torch',
      name2: 'runwright/model-runner',
    });
  });

  it('may lack a name: it is undefined, as a type that was imported without `type` must be', async () => {
    const directory = project({
      'a.ts': `
        import { Predict, SaveContext } from 'runwright';
        export class R { @Predict() predict(model: SaveContext, b: number) { return [model, b]; } }`,
    });
    const { R } = await open<{ R: { prototype: object } }>({ entry: join(directory, 'a.ts') });
    expect(Reflect.getMetadata('design:paramtypes', R.prototype, 'predict')).toEqual([Object, Number]);
  });

  it('are asked for only when they are needed, sub-paths by their full name', async () => {
    const directory = project({
      'a.ts': `import 'class-transformer/cjs/storage'; export const storage = require('class-transformer/cjs/storage');`,
    });
    const storage = {};
    const give = vi.fn(() => storage);
    const never = vi.fn();
    const host = registerHost({ 'class-transformer/cjs/storage': give, runwright: never });
    expect(await open({ entry: join(directory, 'a.ts') }, project({}), host)).toMatchObject({ storage });
    expect(never).not.toHaveBeenCalled();
  });

  it('that the host does not have fail where a dependency requires them, and it can catch that', async () => {
    const directory = project({
      'a.ts': `import dep from 'dep'; export { dep };`,
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' },
      'node_modules/dep/index.js': `
        try { require('class-validator/nothing'); } catch (error) { exports.code = error.code; }
        exports.later = () => require('runwright/nothing');`,
    });
    const { dep } = await open<{ dep: { code: string; later: () => unknown } }>({
      entry: join(directory, 'a.ts'),
    });
    expect(dep.code).toBe('MODULE_NOT_FOUND');
    expect(dep.later).toThrow(/"runwright\/nothing"/);
  });

  it('come from the host that the load names, also when two load one file at once', async () => {
    const directory = project({
      'a.ts': `import { copy } from 'runwright'; await Promise.resolve(); export { copy };`,
    });
    const opened = project({});
    const host = (copy: string) => registerHost({ runwright: () => ({ copy }) });
    const { code } = await bundleEntry({ entry: join(directory, 'a.ts') });
    // One file that stands before anybody imports it: a load must not meet another one's half-written copy.
    const file = join(opened, 'node_modules/opened', BUNDLE_FILE);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
    const loads = ['one', 'two', 'three'].map((copy) => importBundle(file, host(copy)));
    expect(await Promise.all(loads)).toMatchObject([{ copy: 'one' }, { copy: 'two' }, { copy: 'three' }]);
  });

  it('are refused to who imports the file itself, with what to do', async () => {
    const directory = project({ 'a.ts': `import 'runwright';` });
    const file = join(directory, 'index.mjs');
    writeFileSync(file, (await bundleEntry({ entry: join(directory, 'a.ts') })).code);
    expect(() => execFileSync(process.execPath, [file], { stdio: 'pipe' })).toThrow(
      /open the package with Runwright's loadModel/,
    );
  });

  it('are found by a second copy of Runwright in one process, each its own', async () => {
    const directory = project({ 'a.ts': `import { copy } from 'runwright'; export { copy };` });
    const opened = project({});
    vi.resetModules();
    const other = (await import('../../../../src/packer/host/registerHost.js')).registerHost;
    expect(other).not.toBe(registerHost);
    const entry = join(directory, 'a.ts');
    expect(
      await open({ entry }, opened, registerHost({ runwright: () => ({ copy: 'mine' }) })),
    ).toMatchObject({ copy: 'mine' });
    expect(await open({ entry }, opened, other({ runwright: () => ({ copy: 'theirs' }) }))).toMatchObject({
      copy: 'theirs',
    });
  });
});

describe('code that does not load', () => {
  const load = async (code: string): Promise<RunwrightError> => {
    const directory = project({
      'node_modules/opened/index.mjs': code,
      'node_modules/lib/package.json': { name: 'lib', type: 'module', exports: './i.js' },
      'node_modules/lib/i.js': '',
    });
    const error: unknown = await importBundle(
      join(directory, 'node_modules/opened/index.mjs'),
      registerHost(hostModules),
    ).then(
      () => expect.unreachable('the code loaded'),
      (reason: unknown) => reason,
    );
    if (!RunwrightError.is(error)) throw error;
    expect(error.cause).toBeDefined();
    return error;
  };

  it.each([
    [
      'a package that is not installed',
      `import 'absent-package';`,
      /"absent-package" is not installed.*requirement/,
    ],
    [
      'a required package that is not installed',
      `import { createRequire } from 'node:module'; createRequire(import.meta.url)('absent-package');`,
      /"absent-package" is not installed.*requirement/,
    ],
    ['a missing export', `import { Gone } from 'lib'; Gone();`, /"lib" does not export "Gone".*import type/],
    ['a syntax error', `const a = ;`, /SyntaxError.*complete/],
    ['a TC39 decorator', `const target = undefined; target.constructor;`, /TC39.*experimentalDecorators/],
    [
      'an error of its own',
      `throw new RangeError('too large');`,
      /threw when it was imported: RangeError: too large/,
    ],
    ['something that is not an error', `throw 'text';`, /threw when it was imported: text/],
    [
      'a text that reads like a missing export',
      `throw new Error("requested module 'a' does not provide an export named 'b'");`,
      /threw when it was imported: requested/,
    ],
    ['a SyntaxError of its own', `JSON.parse('{');`, /threw when it was imported: SyntaxError/],
    [
      'what the host does not give',
      `throw Object.assign(new Error('Runwright does not give "x" to the packages that it loads'), { code: 'MODULE_NOT_FOUND' });`,
      /does not give "x".*Import what that package documents/,
    ],
    ['module in an ES module', `module.exports = 1;`, /import and export/],
  ])('is explained: %s', async (_, code, message) => {
    const error = await load(code);
    expect(error.code).toBe('RW_ENTRY_INVALID');
    expect(error.message).toMatch(message);
  });

  it('keeps an error of Runwright as it is', async () => {
    const { code, message } = await load(`
      const error = Object.assign(new Error('as it was', { cause: 1 }), { code: 'RW_DECORATOR_TC39' });
      Object.defineProperty(error, Symbol.for('runwright.error'), { value: true });
      throw error;`);
    expect([code, message]).toEqual(['RW_DECORATOR_TC39', 'as it was']);
  });

  it('is named as its author names it', async () => {
    const file = join(project({ 'a.mjs': `throw new Error(import.meta.filename);` }), 'a.mjs');
    await expect(importBundle(file, 'x', 'src/entry.ts')).rejects.toMatchObject({
      where: 'src/entry.ts',
      what: 'the code does not load: the module threw when it was imported: src/entry.ts',
    });
  });

  it('shows the members of a CommonJS class', async () => {
    const file = join(
      project({ 'a.cjs': `module.exports = class R {}; module.exports.model = 1;` }),
      'a.cjs',
    );
    expect(await importBundle(file, 'x')).toMatchObject({ model: 1 });
  });

  it('says that the file is missing', async () => {
    const file = join(project({}), 'node_modules/opened/index.mjs');
    await expect(importBundle(file, 'x')).rejects.toMatchObject({ code: 'RW_ENTRY_INVALID', where: file });
  });
});
