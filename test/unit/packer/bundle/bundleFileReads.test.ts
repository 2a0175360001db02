import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { open } from '../fixtures/open';
import { project } from '../fixtures/project';

const bundle = (directory: string) => bundleEntry({ entry: join(directory, 'a.ts') });

describe('files that a module reads beside itself', () => {
  it.each([
    ['new URL', `export const u = new URL('./labels.txt', import.meta.url);`],
    [
      'fileURLToPath',
      `import { fileURLToPath } from 'node:url'; export const u = fileURLToPath(import.meta.url);`,
    ],
    ['import.meta.dirname', `export const u = import.meta.dirname + '/labels.txt';`],
    ['import.meta.filename', `export const u = import.meta['filename'];`],
    ['__dirname', `export const u = __dirname + '/labels.txt';`],
    ['__filename', `export const u = { __filename };`],
    ['import.meta.resolve', `export const u = import.meta.resolve('./labels.txt');`],
    [
      'a worker',
      `import { Worker } from 'node:worker_threads'; export const u = () => new Worker(new URL('./w.js', import.meta.url));`,
    ],
  ])('are refused in the own code: %s', async (_, line) => {
    const directory = project({
      'a.ts': `export { u } from './lib/reader';`,
      'lib/reader.ts': `// first line\n${line}`,
    });
    const refused = expect(bundle(directory)).rejects;
    await refused.toMatchObject({
      code: 'RW_BUNDLE_READS_FILES',
      where: expect.stringMatching(/lib\/reader\.ts:2:\d+$/) as string,
    });
    await expect(bundle(directory)).rejects.toThrow(/artifact: @Load gets its path/);
  });

  it('are reported all at once, in the order of their lines, and once for each place', async () => {
    const directory = project({
      'a.ts': `import { fileURLToPath } from 'node:url'; import { dirname } from 'node:path';
        const __dirname = dirname(fileURLToPath(import.meta.url));
        export const a = __dirname + '/a', b = __dirname + '/b';
        export { c } from './b';`,
      'b.ts': `export const c = __dirname;`,
    });
    const error: Error = await bundle(directory).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(
      /2 reasons:\n {2}- \S+a\.ts:2:49: `import\.meta\.url`[^\n]*\n {2}- \S+b\.ts:1:18: `__dirname`[^\n]*\nMend each of them[^\n]*$/,
    );
  });

  it.each([
    ['strings and comments', `export const a = '__dirname'; // import.meta.url`],
    ['names of members', `const o = { __dirname: 1 }; export const a = o.__dirname;`],
    ['questions for a type', `export const a = typeof __dirname;`],
    ['the entry that is registered', `export const a = { entry: new URL('./iris.ts', import.meta.url) };`],
    ['other members', `export const a = import.meta.env;`],
  ])('are not %s', async (_, source) => {
    const directory = project({ 'a.ts': source });
    expect((await bundle(directory)).warnings).toEqual([]);
  });

  it.each([
    [
      'createRequire',
      `import { createRequire } from 'node:module'; export const a = createRequire(import.meta.url)('fs');`,
      /import/,
    ],
    ['an unknown use of import.meta.url', `export const a = String(import.meta.url);`, /artifact/],
    ['a module by a computed name', `export const a = (name: string) => import('./' + name);`, /names/],
    ['a computed require', 'export const a = (name: string) => require(`./${name}`);', /names/],
  ])('may be behind %s: a warning', async (_, source, hint) => {
    const directory = project({ 'a.ts': source });
    const { warnings } = await bundle(directory);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.where).toMatch(/a\.ts:1:\d+$/);
    expect(warnings[0]?.hint).toMatch(hint);
  });

  it('are warned of in dependencies, once a package, and their paths still work', async () => {
    const directory = project({
      'a.ts': `export { default as place, name } from 'dep';`,
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0' },
      'node_modules/dep/index.js': `exports.default = __dirname; exports.name = require('./b'); exports.__esModule = true;`,
      'node_modules/dep/b.js': `module.exports = __filename;`,
    });
    const { warnings } = await bundle(directory);
    expect(warnings).toMatchObject([
      { where: 'dep', hint: expect.stringContaining('"dep" as a requirement') as string },
    ]);
    const opened = project({});
    const exported = await open<{ place: string; name: string }>({ entry: join(directory, 'a.ts') }, opened);
    expect(exported.place).toMatch(opened);
    expect(exported.name).toMatch(opened);
  });

  it('do not matter in modules that the bundle leaves out as unused', async () => {
    const directory = project({
      'a.ts': `import { used } from 'dep'; export { used };`,
      'node_modules/dep/package.json': { name: 'dep', version: '1.0.0', type: 'module', sideEffects: false },
      'node_modules/dep/index.js': `export { used } from './used.js'; export { reader } from './reader.js';`,
      'node_modules/dep/used.js': `export const used = 1;`,
      'node_modules/dep/reader.js': `export const reader = import.meta.dirname;`,
    });
    expect((await bundle(directory)).warnings).toEqual([]);
  });
});
