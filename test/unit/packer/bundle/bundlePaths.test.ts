import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { open } from '../fixtures/open';
import { project } from '../fixtures/project';

const files = {
  'package.json': { name: 'app' },
  'src/iris.ts': `import { a } from '@lib/a'; import { b } from 'exact'; export const sum = a + b;`,
  'lib/a.ts': 'export const a = 1;',
  'lib/exact/index.ts': 'export const b = 2;',
};
const entryOf = (directory: string) => ({ entry: join(directory, 'src/iris.ts') });

describe('the paths of a tsconfig', () => {
  it('are followed, with comments, with what they extend, and with several candidates', async () => {
    const directory = project({
      ...files,
      'tsconfig.json': `{ // the usual\n "extends": "./config/base.json", "compilerOptions": { "strict": true, }, }`,
      'config/base.json': {
        compilerOptions: {
          paths: { '@lib/*': ['../nowhere/*', '../lib/*'], exact: ['../lib/exact.d.ts', '../lib/exact'] },
        },
      },
      'lib/exact.d.ts': 'export const b: number;',
    });
    expect(await open(entryOf(directory))).toMatchObject({ sum: 3 });
  });

  it('are taken against baseUrl', async () => {
    const directory = project({
      ...files,
      'tsconfig.json': { compilerOptions: { baseUrl: './lib', paths: { '@lib/*': ['./*'] } } },
    });
    expect(await open(entryOf(directory))).toMatchObject({ sum: 3 });
  });

  it('do not touch what dependencies import', async () => {
    const directory = project({
      'package.json': { name: 'app' },
      'a.ts': `import name from 'dep'; import inner from 'inner'; export const names = [name, inner];`,
      'mine.ts': `export default 'mine';`,
      'tsconfig.json': { compilerOptions: { paths: { inner: ['./mine.ts'] } } },
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' },
      'node_modules/dep/index.js': `module.exports = require('inner');`,
      'node_modules/inner/package.json': { name: 'inner', version: '1.0.0' },
      'node_modules/inner/index.js': `module.exports = 'theirs';`,
    });
    expect(await open({ entry: join(directory, 'a.ts') })).toMatchObject({ names: ['theirs', 'mine'] });
  });

  it('that cannot be read give a warning that names the file', async () => {
    const directory = project({
      'a.ts': 'export const a = 1;',
      'tsconfig.json': { extends: '@nowhere/base' },
    });
    const { warnings } = await bundleEntry({ entry: join(directory, 'a.ts') });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.where).toBe(join(directory, 'tsconfig.json'));
    expect(warnings[0]?.what).toContain('@nowhere/base');
  });

  it('that are missing are the advice for an import that looks like one', async () => {
    const directory = project(files);
    await expect(bundleEntry(entryOf(directory))).rejects.toThrow(/cannot resolve "@lib\/a".*"paths"/);
  });
});

describe('what a TypeScript module imports as JavaScript', () => {
  const old = `export const word = 'old';`;
  const now = `export const word = 'now';`;
  const wordOf = async (
    entry: string,
    specifier: string,
    added: Readonly<Record<string, string | object>>,
  ) => {
    const directory = project({
      'package.json': { name: 'app' },
      [entry]: `import { word } from '${specifier}'; export const said = word;`,
      ...added,
    });
    return (await open<{ said: string }>({ entry: join(directory, entry) })).said;
  };

  it.each([
    ['js', 'ts'],
    ['js', 'tsx'],
    ['jsx', 'tsx'],
    ['mjs', 'mts'],
    ['cjs', 'cts'],
  ])('is its source, not the .%s beside the .%s', async (output, source) => {
    const files = { [`words.${output}`]: old, [`words.${source}`]: now };
    expect(await wordOf('a.ts', `./words.${output}`, files)).toBe('now');
  });

  it('is its source by the paths of a tsconfig too', async () => {
    const files = {
      'tsconfig.json': { compilerOptions: { paths: { '@/*': ['./lib/*'] } } },
      'lib/words.js': old,
      'lib/words.ts': now,
    };
    expect(await wordOf('a.ts', '@/words.js', files)).toBe('now');
  });

  it('is the JavaScript where there is no source, or only its types', async () => {
    const types = { 'words.js': now, 'words.d.ts': 'export const word: string;' };
    expect(await wordOf('a.ts', './words.js', types)).toBe('now');
  });

  it('is not what a JavaScript module, or a dependency, imports', async () => {
    expect(await wordOf('a.js', './words.js', { 'words.js': now, 'words.ts': old })).toBe('now');
    const dependency = {
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0', main: './index.ts' },
      'node_modules/dep/index.ts': `export { word } from './words.js';`,
      'node_modules/dep/words.js': now,
      'node_modules/dep/words.ts': old,
    };
    expect(await wordOf('a.ts', 'dep', dependency)).toBe('now');
  });
});
