import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { project } from '../fixtures/project';

const installed = (name: string, json: object, files: Readonly<Record<string, string | object>> = {}) => ({
  [`node_modules/${name}/package.json`]: { name, version: '1.2.3', ...json },
  [`node_modules/${name}/index.js`]: `exports.name = ${JSON.stringify(name)};`,
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`node_modules/${name}/${path}`, text])),
});
const app = (...imports: string[]) => ({
  'package.json': { name: 'app', optionalDependencies: { '@scope/nat': '*' } },
  'a.ts': imports
    .map((name, index) => `import * as x${index} from '${name}'; export { x${index} };`)
    .join('\n'),
});
const bundle = (directory: string, requirements: string[] = []) =>
  bundleEntry({ entry: join(directory, 'a.ts'), requirements });

describe('native packages', () => {
  it.each([
    ['a .node file', {}, { 'prebuilds/linux-x64/addon.node': '' }],
    ['a binding.gyp', {}, { 'binding.gyp': '{}' }],
    ['a loader among its dependencies', { dependencies: { bindings: '^1' } }, {}],
    ['another loader', { dependencies: { 'node-gyp-build': '^4' } }, {}],
    ['prebuild-install', { dependencies: { 'prebuild-install': '^7' } }, {}],
    [
      'binaries by platform',
      { optionalDependencies: { '@scope/nat-linux-x64': '1.2.3', '@scope/nat-darwin-arm64': '1.2.3' } },
      {},
    ],
    ['an os', { os: ['linux', 'darwin'] }, {}],
    ['a cpu', { cpu: ['x64'] }, {}],
    ['gypfile', { gypfile: true }, {}],
    ['napi', { napi: { binaryName: 'nat' } }, {}],
    ['an install script that compiles', { scripts: { install: 'prebuild-install || node-gyp rebuild' } }, {}],
  ])('are known by %s, and stay outside at the installed version', async (_, json, files) => {
    const directory = project({
      ...app('@scope/nat', 'pure'),
      ...installed('@scope/nat', json, files),
      ...installed('pure', {}),
    });
    const { code, natives, externals } = await bundle(directory);
    expect(natives).toEqual([{ name: '@scope/nat', version: '1.2.3' }]);
    expect(externals).toEqual(['@scope/nat']);
    expect(code.toString()).toContain('require("@scope/nat")');
    expect(code.toString()).not.toContain('require("pure")');
  });

  it.each([
    ['an os that is only ruled out', { os: ['!win32'] }, {}],
    ['scripts of another kind', { scripts: { install: 'node hello.js', test: 'node-gyp rebuild' } }, {}],
    ['an optional package that is not for a platform', { optionalDependencies: { fsevents: '*' } }, {}],
    [
      'an addon of another package inside',
      {},
      { 'node_modules/inner/x.node': '', 'node_modules/inner/package.json': { name: 'inner' } },
    ],
  ])('are not packages with %s', async (_, json, files) => {
    const directory = project({ ...app('pure'), ...installed('pure', json, files) });
    expect(await bundle(directory)).toMatchObject({ natives: [], externals: [] });
  });

  it('are found behind pure packages, and what only they need is not mentioned', async () => {
    const directory = project({
      ...app('pure'),
      ...installed('pure', {}, { 'index.js': `exports.go = () => require('nat/sub');` }),
      ...installed(
        'nat',
        { gypfile: true },
        { 'sub.js': `require('bindings')`, 'index.js': `require('bindings')` },
      ),
    });
    const { natives, externals } = await bundle(directory);
    expect(natives).toEqual([{ name: 'nat', version: '1.2.3' }]);
    expect(externals).toEqual(['nat']);
  });

  it('are refused in two versions, naming both', async () => {
    const directory = project({
      ...app('nat', 'pure'),
      ...installed('nat', { gypfile: true }),
      ...installed(
        'pure',
        {},
        {
          'index.js': `module.exports = require('nat');`,
          'node_modules/nat/package.json': { name: 'nat', version: '2.0.0', gypfile: true },
          'node_modules/nat/index.js': '',
        },
      ),
    });
    await expect(bundle(directory)).rejects.toMatchObject({ code: 'RW_REQUIREMENT_INVALID', where: 'nat' });
    await expect(bundle(directory)).rejects.toThrow(
      new RegExp(
        `1\\.2\\.3 at ${directory}/node_modules/nat and 2\\.0\\.0 at ${directory}/node_modules/pure/node_modules/nat`,
      ),
    );
    await expect(bundle(directory, ['nat'])).resolves.toMatchObject({ natives: [], externals: ['nat'] });
  });

  it('may be there twice in one version', async () => {
    const nat = { name: 'nat', version: '1.2.3', gypfile: true };
    const directory = project({
      ...app('nat', 'pure'),
      ...installed('nat', nat),
      ...installed(
        'pure',
        {},
        {
          'index.js': `module.exports = require('nat');`,
          'node_modules/nat/package.json': nat,
          'node_modules/nat/index.js': '',
        },
      ),
    });
    expect((await bundle(directory)).natives).toEqual([{ name: 'nat', version: '1.2.3' }]);
  });

  it('that a dependency can do without stay outside with a warning and are no requirement', async () => {
    const directory = project({
      ...app('pure'),
      ...installed(
        'pure',
        { optionalDependencies: { nat: '*' } },
        { 'index.js': `try { exports.nat = require('nat'); } catch {}` },
      ),
      ...installed('nat', { gypfile: true }),
    });
    const { natives, externals, warnings } = await bundle(directory);
    expect([natives, externals]).toEqual([[], []]);
    expect(warnings).toMatchObject([{ where: 'pure', hint: expect.stringContaining('"nat"') as string }]);
  });

  it('are refused under an alias, which cannot become a requirement', async () => {
    const directory = project({
      ...app('nat'),
      'node_modules/nat/package.json': { name: 'real', version: '1.0.0', gypfile: true },
      'node_modules/nat/index.js': '',
    });
    await expect(bundle(directory)).rejects.toThrow(/"real"/);
  });

  it('of the user are refused, with where a .node file may live', async () => {
    const directory = project({
      'package.json': { name: 'app' },
      'a.ts': `import './addon.node';`,
      'addon.node': '',
    });
    await expect(bundle(directory)).rejects.toThrow(/a\.ts: a \.node file cannot be bundled.*requirement/);
  });
});

describe('declared requirements', () => {
  it('stay outside when they are imported, installed or not, with their sub-paths', async () => {
    const directory = project({
      ...app('pure/sub', 'absent', '@s/esm'),
      ...installed('pure', {}, { 'sub.js': '' }),
      ...installed('@s/esm', { type: 'module' }),
    });
    const { code, natives, externals } = await bundle(directory, ['pure', 'absent', '@s/esm', 'unused']);
    expect(natives).toEqual([]);
    expect(externals).toEqual(['@s/esm', 'absent', 'pure']);
    expect(code.toString()).toContain('require("pure/sub")');
    expect(code.toString()).toMatch(/from "absent"/);
    expect(code.toString()).toMatch(/from "@s\/esm"/);
  });
});
