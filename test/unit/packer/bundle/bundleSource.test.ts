import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { prepareCode } from '../../../../src/registrar/prepareCode';
import { open } from '../fixtures/open';
import { project } from '../fixtures/project';

const files = {
  'package.json': { name: 'app' },
  'own.ts': `import { twice } from 'pure'; export const own = (n: number) => twice(n) + 1; export type OnlyType = 1;`,
  'node_modules/pure/package.json': { name: 'pure', version: '1.0.0', type: 'module', main: './index.js' },
  'node_modules/pure/index.js': 'export const twice = (n) => 2 * n;',
  'node_modules/compiled/package.json': { name: 'compiled', version: '2.0.0', gypfile: true },
  'node_modules/compiled/index.js': 'exports.fast = (n) => 3 * n;',
  'node_modules/declared/package.json': { name: 'declared', version: '3.0.0' },
  'node_modules/declared/index.js': 'exports.late = (n) => 4 * n;',
};
const source = `
  import { own } from './own';
  export const run = async (n) => {
    const { twice } = await import('pure');
    const { fast } = await import('compiled');
    const { late } = await import('declared');
    return [own(n), twice(n), fast(n), late(n)];
  };`;
const names = ['generated.mjs', 'generated.js', 'index.ts'];

describe('bundling a text that is not a file', () => {
  it.each(names)('follows the rules of any entry, and needs no file: %s', async (name) => {
    const directory = project(files);
    const options = { entry: join(directory, name), source, requirements: ['declared'] };
    const { natives, externals, code } = await bundleEntry(options);
    expect(natives).toEqual([{ name: 'compiled', version: '2.0.0' }]);
    expect(externals).toEqual(['compiled', 'declared']);
    expect(code.toString()).not.toMatch(/import\(\s*["']pure/);
    const opened = project({});
    symlinkSync(join(directory, 'node_modules'), join(opened, 'node_modules'));
    const { run } = await open<{ run: (n: number) => Promise<number[]> }>(options, opened);
    expect(await run(2)).toEqual([5, 4, 6, 8]);
  });

  it.each(names)('gives the bytes that a file with that text gives, in any folder: %s', async (name) => {
    const one = project(files);
    const two = join(project({}), 'deeper/elsewhere');
    cpSync(one, two, { recursive: true });
    const link = join(project({}), 'link');
    symlinkSync(one, link);
    const codes = [
      await bundleEntry({ entry: join(one, name), source }),
      await bundleEntry({ entry: join(two, name), source }),
      await bundleEntry({ entry: join(link, name), source }),
    ].map(({ code }) => code.toString());
    writeFileSync(join(one, name), source);
    codes.push((await bundleEntry({ entry: join(one, name) })).code.toString());
    expect(new Set(codes).size).toBe(1);
  });

  it('does not depend on the folder that an absolute import names', async () => {
    const bundle = async (directory: string) =>
      bundleEntry({
        entry: join(directory, 'generated.mjs'),
        source: `import { own as f } from ${JSON.stringify(join(directory, 'own.ts'))}; export const run = f;`,
      });
    const [one, two] = [await bundle(project(files)), await bundle(project(files))];
    expect(one.code.equals(two.code)).toBe(true);
  });

  it('goes before a file of that name', async () => {
    const directory = project({ ...files, 'generated.js': 'export const value = "file";' });
    const options = { entry: join(directory, 'generated.js'), source: 'export const value = "text";' };
    expect(await open(options)).toMatchObject({ value: 'text' });
  });

  it.each([
    ['a package that is not installed', `await import('absent-package');`, /generated\.ts:1:14: cannot resolve "absent-package"/],
    ['what a host does not give', `import 'runwright/testing';`, /generated\.ts:1:8: "runwright\/testing" cannot be imported/],
    ['a missing export', `import { OnlyType } from './own'; export const a = OnlyType;`, /generated\.ts:1:\d+: "OnlyType" is not exported by .*own\.ts/],
    ['a syntax error', `\nexport const = 1;`, /generated\.ts:2:\d+: syntax error/],
  ])('places its faults in the text: %s', async (_, text, message) => {
    const entry = join(project(files), 'generated.ts');
    await expect(bundleEntry({ entry, source: text })).rejects.toMatchObject({
      code: 'RW_BUNDLE_FAILED',
      message: expect.stringMatching(message),
    });
  }); // prettier-ignore

  it('refuses a folder that is not there, and a path that is not absolute', async () => {
    await expect(bundleEntry({ entry: join(project({}), 'absent/a.mjs'), source })).rejects.toMatchObject({
      code: 'RW_ENTRY_INVALID',
      what: 'its folder cannot be read',
    });
    await expect(bundleEntry({ entry: './a.mjs', source })).rejects.toThrow(/not absolute/);
  });

  it('pins natives as installed in that folder', async () => {
    const directory = project(files);
    const { requirements, entry } = await prepareCode(
      join(directory, 'generated.mjs'),
      ['declared'],
      undefined,
      {
        source,
      },
    );
    expect(entry).toBe(join(directory, 'generated.mjs'));
    expect(requirements.packages).toEqual([
      { name: 'compiled', version: '2.0.0' },
      { name: 'declared', version: '3.0.0' },
    ]);
  });
});
