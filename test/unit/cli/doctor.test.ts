import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../../src/cli/doctor/Check';
import { checkFolders } from '../../../src/cli/doctor/checkFolders';
import { checkLibraries } from '../../../src/cli/doctor/checkLibraries';
import { checkToolchain } from '../../../src/cli/doctor/checkToolchain';
import { checkTsconfig } from '../../../src/cli/doctor/checkTsconfig';
import { findProject } from '../../../src/cli/doctor/Project';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-doctor-')));
  write('package.json', { name: 'project' });
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: unknown): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
};

const byName = (checks: Check[]): Record<string, string> =>
  Object.fromEntries(checks.map(({ name, status }) => [name, status]));

const GOOD = { experimentalDecorators: true, emitDecoratorMetadata: true, useDefineForClassFields: false };

describe('checkTsconfig', () => {
  const check = async (compilerOptions: object): Promise<Record<string, string>> => {
    write('tsconfig.json', { compilerOptions });
    return byName(await checkTsconfig(findProject(folder), folder));
  };

  it('the right options are ok, also when they come from elsewhere and with comments', async () => {
    const right = {
      tsconfig: 'ok',
      experimentalDecorators: 'ok',
      emitDecoratorMetadata: 'ok',
      useDefineForClassFields: 'ok',
      isolatedModules: 'ok',
    };
    expect(await check(GOOD)).toEqual(right);
    write('base.json', { compilerOptions: GOOD });
    write('tsconfig.json', '{\n  // comment\n  "extends": "./base.json",\n}');
    mkdirSync(join(folder, 'src'));
    expect(byName(await checkTsconfig(findProject(join(folder, 'src')), join(folder, 'src')))).toEqual(right);
  });

  it.each([
    [{ ...GOOD, experimentalDecorators: false }, 'experimentalDecorators', 'failed'],
    [{}, 'experimentalDecorators', 'failed'],
    [{ ...GOOD, emitDecoratorMetadata: false }, 'emitDecoratorMetadata', 'warning'],
    [{ ...GOOD, useDefineForClassFields: true }, 'useDefineForClassFields', 'warning'],
    [{ ...GOOD, useDefineForClassFields: undefined, target: 'ES2022' }, 'useDefineForClassFields', 'warning'],
    [{ ...GOOD, useDefineForClassFields: undefined, target: 'esnext' }, 'useDefineForClassFields', 'warning'],
    [{ ...GOOD, useDefineForClassFields: undefined, target: 'es2021' }, 'useDefineForClassFields', 'ok'],
    [
      { ...GOOD, useDefineForClassFields: undefined, module: 'nodenext' },
      'useDefineForClassFields',
      'warning',
    ],
    [{ ...GOOD, useDefineForClassFields: undefined }, 'useDefineForClassFields', 'ok'],
  ])('%j: %s is %s', async (options, name, status) => {
    expect((await check(options))[name]).toBe(status);
  });

  it('a compiler from 6 on has a newer default target', async () => {
    write('node_modules/typescript/package.json', { name: 'typescript', version: '6.0.2' });
    const checks = await check({ ...GOOD, useDefineForClassFields: undefined });
    expect(checks['useDefineForClassFields']).toBe('warning');
  });

  it('no file is a warning, a broken one a failure', async () => {
    expect(byName(await checkTsconfig(findProject(folder), folder))).toEqual({ tsconfig: 'warning' });
    write('tsconfig.json', { extends: './nowhere.json' });
    expect(byName(await checkTsconfig(findProject(folder), folder))).toEqual({ tsconfig: 'failed' });
  });
});

describe('checkToolchain', () => {
  const check = async (devDependencies: Record<string, string>): Promise<Check | undefined> => {
    write('package.json', { name: 'project', devDependencies });
    return (await checkToolchain(findProject(folder)))[0];
  };

  it.each([['tsx'], ['esbuild'], ['tsup']])('%s is named', async (name) => {
    expect(await check({ [name]: '1.0.0' })).toMatchObject({
      status: 'warning',
      found: expect.stringContaining(name) as string,
      fix: expect.stringContaining('input: () => Input') as string,
    });
  });

  it('vite before 8 is named, the installed one before the range', async () => {
    expect(await check({ vite: '^7.1.0' })).toMatchObject({ status: 'warning' });
    expect(await check({ vite: '^8.0.0' })).toMatchObject({ status: 'ok' });
    write('node_modules/vite/package.json', { name: 'vite', version: '7.3.0' });
    expect(await check({ vite: '>=7' })).toMatchObject({ status: 'warning' });
  });

  it('swc is named unless it is told to emit', async () => {
    expect(await check({ '@swc/core': '1' })).toMatchObject({ status: 'warning' });
    write('.swcrc', { jsc: { transform: { decoratorMetadata: true } } });
    expect(await check({ '@swc/core': '1' })).toMatchObject({ status: 'ok' });
  });

  it('tsc and jest are ok', async () => {
    expect(await check({ typescript: '6.0.0', 'ts-jest': '29' })).toMatchObject({ status: 'ok' });
  });
});

describe('checkLibraries', () => {
  const check = async (): Promise<Record<string, Check>> =>
    Object.fromEntries((await checkLibraries(findProject(folder))).map((one) => [one.name, one]));

  it('says which are missing, out of range, or there twice', async () => {
    write('node_modules/class-validator/package.json', { name: 'class-validator', version: '0.14.0' });
    write('node_modules/class-transformer/package.json', { name: 'class-transformer', version: '0.5.1' });
    const checks = await check();
    expect(checks['reflect-metadata']).toMatchObject({ status: 'failed', found: 'not installed' });
    expect(checks['class-validator']).toMatchObject({
      status: 'failed',
      found: expect.stringContaining('0.14.0') as string,
      fix: expect.stringContaining('npm install class-validator@') as string,
    });
    expect(checks['class-transformer']).toMatchObject({
      status: 'failed',
      found: expect.stringContaining('two copies') as string,
    });
    expect(checks['runwright']?.status).toBe('warning');
  });

  it('all is well in a project that shares its copies with Runwright', async () => {
    const root = join(__dirname, '../../..');
    const checks = await checkLibraries(findProject(root));
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
  });
});

describe('checkFolders', () => {
  it('looks, and makes nothing', async () => {
    const registry = join(folder, 'a/b');
    expect(byName(await checkFolders({ registry }))['registry']).toBe('ok');
    expect(findProject(folder).directory).toBe(folder);
    await expect(checkFolders({ registry: folder })).resolves.toContainEqual(
      expect.objectContaining({ name: 'registry', status: 'failed' }),
    );
    await expect(checkFolders({ registry: 'ftp://x' })).resolves.toContainEqual(
      expect.objectContaining({ name: 'registry', status: 'failed' }),
    );
  });
});
