import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { bundleEntry } from '../../../../src/packer/bundle/bundleEntry';
import { project } from '../fixtures/project';

const repository = join(__dirname, '../../../..');

const files = {
  'package.json': { name: 'app' },
  // An index in the root: what lies around it must not name its variables.
  'index.ts': `
    import 'reflect-metadata';
    import { IsNumber } from 'class-validator';
    import settings from './settings/index.js';
    import legacy from './mod.cjs';
    import lib, { Input as LibInput } from 'lib';
    export class Input { @IsNumber() n!: number; m = settings.factor; }
    export { LibInput };
    export default class {}
    export const all = [settings, legacy, lib, () => import('./settings/later')];`,
  'mod.cjs': 'exports.legacy = new Date(0).getHours();',
  'settings/index.ts': 'export default { factor: 2 };',
  'settings/later.ts': 'export class Input { z = 1 }',
  'node_modules/lib/package.json': { name: 'lib', version: '1.0.0' },
  'node_modules/lib/index.js': 'exports.Input = class Input {}; exports.zone = process.env.TZ;',
};

describe('the bytes of a bundle', () => {
  it('do not depend on the folder, the working directory, the time zone or the process', async () => {
    const directory = project({ ...files, 'elsewhere/.keep': '' });
    const copy = join(project({}), 'another-name');
    cpSync(directory, copy, { recursive: true });
    const self = await bundleEntry({
      entry: join(repository, 'src/packer/bundle/bundleEntry.ts'),
      requirements: ['rolldown', 'get-tsconfig'],
    });
    const tool = project({ 'bundler.mjs': self.code.toString() });
    symlinkSync(join(repository, 'node_modules'), join(tool, 'node_modules'));
    const script = `import(process.argv[1]).then(({ bundleEntry }) => bundleEntry({ entry: process.argv[2] })).then(({ code }) => process.stdout.write(code))`;
    const bundle = (entry: string, cwd: string, TZ: string) =>
      digestOf(
        execFileSync(process.execPath, ['-e', script, join(tool, 'bundler.mjs'), entry], {
          cwd,
          env: { ...process.env, TZ },
        }),
      );

    const expected = digestOf((await bundleEntry({ entry: join(directory, 'index.ts') })).code);
    expect(bundle(join(directory, 'index.ts'), directory, 'Pacific/Auckland')).toBe(expected);
    expect(bundle(join(copy, 'index.ts'), '/', 'America/New_York')).toBe(expected);
  });

  it('do not depend on the options of a tsconfig', async () => {
    const tsconfigs = [
      { compilerOptions: { target: 'ESNext', useDefineForClassFields: true, experimentalDecorators: false } },
      {
        compilerOptions: {
          target: 'ES5',
          emitDecoratorMetadata: false,
          verbatimModuleSyntax: true,
          jsx: 'preserve',
        },
      },
      '{ "compilerOptions": { /* comment */ "experimentalDecorators": true, "importHelpers": true, }, }',
      'not JSON at all',
    ];
    const digests = new Set<string>();
    for (const tsconfig of [undefined, ...tsconfigs]) {
      const directory = project({
        ...files,
        ...(tsconfig === undefined ? {} : { 'tsconfig.json': tsconfig }),
      });
      digests.add(digestOf((await bundleEntry({ entry: join(directory, 'index.ts') })).code));
    }
    expect(digests.size).toBe(1);
  });

  it('do not depend on how dependencies are laid out', async () => {
    const hoisted = project(files);
    const linked = project(files);
    const store = join(linked, 'node_modules/.store/lib@1.0.0/node_modules');
    mkdirSync(store, { recursive: true });
    renameSync(join(linked, 'node_modules/lib'), join(store, 'lib'));
    symlinkSync(join(store, 'lib'), join(linked, 'node_modules/lib'));
    const nested = project({});
    cpSync(hoisted, join(nested, 'packages/app'), { recursive: true });
    renameSync(join(nested, 'packages/app/node_modules'), join(nested, 'node_modules'));
    const digests = new Set<string>();
    for (const entry of [
      join(hoisted, 'index.ts'),
      join(linked, 'index.ts'),
      join(nested, 'packages/app/index.ts'),
    ]) {
      digests.add(digestOf((await bundleEntry({ entry })).code));
    }
    expect(digests.size).toBe(1);
  });

  it('change with a source', async () => {
    const directory = project(files);
    const before = digestOf((await bundleEntry({ entry: join(directory, 'index.ts') })).code);
    writeFileSync(join(directory, 'settings/index.ts'), 'export default { factor: 3 };');
    expect(digestOf((await bundleEntry({ entry: join(directory, 'index.ts') })).code)).not.toBe(before);
  });
});
