import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, writeTsconfig } from './compile';
import { publicNames } from './publicNames';
import { runProgram } from './runProgram';
import { transpile } from './transpile';
import { useScratchProject } from './useScratchProject';

/** With what it depends on. */
const CLASS_VALIDATOR = ['class-validator', 'validator', 'libphonenumber-js'];
const clean = { status: 0, stdout: '', stderr: '' };
const project = useScratchProject(['@types/node@20', 'tsx@4']);
const node = (cwd: string, ...args: string[]) => runProgram(process.execPath, args, { cwd });
async function runJson(cwd: string, ...args: string[]): Promise<unknown> {
  const { status, stdout, stderr } = await node(cwd, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as unknown;
}

describe('a TypeScript project', () => {
  it.each([
    { name: 'ESM, nodenext', type: 'module' as const, options: { module: 'nodenext' } },
    { name: 'CommonJS, nodenext', type: 'commonjs' as const, options: { module: 'nodenext' } },
    {
      name: 'bundler resolution',
      type: 'module' as const,
      options: { module: 'esnext', moduleResolution: 'bundler' },
    },
  ])('compiles with every public name, and runs: $name', async ({ name, type, options }) => {
    const folder = project.folder(name.replace(/\W+/g, '-'), type);
    const { values, types } = publicNames();
    writeFileSync(
      join(folder, 'names.ts'),
      `import { ${[...values, ...types.map((type) => `type ${type}`)].join(', ')} } from 'runwright';
       import { createTestRunner, TestRunner, type StageRecord } from 'runwright/testing';
       import { createServer } from 'runwright/server';
       const all = [${values.join(', ')}, createTestRunner, TestRunner, createServer];
       console.log(JSON.stringify(all.map((value) => typeof value)));`,
    );
    expect(await compile(folder, ['main.ts', 'names.ts'], options)).toEqual(clean);
    expect(await runJson(folder, 'out/names.js')).toEqual(expect.not.arrayContaining(['undefined']));
    expect(await runJson(folder, 'out/main.js')).toEqual({
      sum: 6,
      implicit: 4,
      refused: 'RW_INPUT_INVALID',
      stages: ['preprocess', 'predict'],
    });
  });
});

describe('a TypeScript project whose compiler does not read exports, as those of Nest', () => {
  it('finds the types of every door', async () => {
    const folder = project.folder('classic', 'commonjs');
    writeFileSync(
      join(folder, 'doors.ts'),
      `import { Runner } from 'runwright';
       import { createTestRunner } from 'runwright/testing';
       import { createServer } from 'runwright/server';
       import { OnnxModel } from 'runwright/onnx';
       import { TorchModel } from 'runwright/torch';
       const all = [Runner, createTestRunner, createServer, OnnxModel, TorchModel];
       console.log(JSON.stringify(all.map((value) => typeof value)));`,
    );
    // The types of onnxruntime-common name those of a browser.
    const options = { moduleResolution: 'node10', ignoreDeprecations: '6.0', skipLibCheck: true };
    expect(await compile(folder, ['doors.ts'], { module: 'commonjs', ...options })).toEqual(clean);
    expect(await runJson(folder, 'out/doors.js')).toEqual(Array(5).fill('function'));
  });
});

describe('loading the package', () => {
  it('gives ESM and CommonJS the same names', async () => {
    const folder = project.folder('same-names');
    writeFileSync(
      join(folder, 'main.mjs'),
      `import { createRequire } from 'node:module';
       import * as esm from 'runwright';
       import * as testing from 'runwright/testing';
       const require = createRequire(import.meta.url);
       const same = (namespace, name) => Object.keys(require(name)).every((key) => namespace[key] === require(name)[key]);
       const cjs = Object.keys(require('runwright')).sort();
       console.log(JSON.stringify({ cjs, same: same(esm, 'runwright') && same(testing, 'runwright/testing') }));`,
    );
    expect(await runJson(folder, 'main.mjs')).toEqual({ cjs: [...publicNames().values].sort(), same: true });
  });

  it('loads nothing but what decorators and validation need', async () => {
    const folder = project.folder('loads');
    const loads = join(folder, 'loads.txt');
    const { status, stderr } = await runProgram(
      process.execPath,
      ['--import', './logLoads.mjs', 'loads.cjs'],
      { cwd: folder, environment: { LOADS: loads } },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const files = readFileSync(loads, 'utf8');
    // Both loaders were watched.
    expect(files).toContain(`file://${folder}/loads.cjs`);
    expect(files).toContain(`\n${folder}/loads.cjs`);
    const packages = [...files.matchAll(/.*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/g)].map(([, name]) => name);
    expect(packages).toContain('runwright');
    const allowed = ['runwright', 'reflect-metadata', 'class-transformer', ...CLASS_VALIDATOR];
    expect([...new Set(packages)].filter((name = '') => !allowed.includes(name))).toEqual([]);
  });
});

describe('a project whose compiler emits TC39 decorators', () => {
  const options = { experimentalDecorators: false };

  it('is told what to set when it runs', async () => {
    const folder = project.folder('tc39');
    transpile(folder, ['unvalidated.runner.ts'], options);
    const { status, stderr } = await node(folder, 'unvalidated.runner.js');
    expect(status).toBe(1);
    expect(stderr).toContain("code: 'RW_DECORATOR_TC39'");
    expect(stderr).toContain('Set "experimentalDecorators": true');
  });

  it('gets a translation of what class-validator throws from the command line', async () => {
    const folder = project.folder('tc39-validated');
    transpile(folder, ['sum.runner.ts'], options);
    const bare = await node(folder, 'sum.runner.js');
    expect(bare.stderr).toContain("TypeError: Cannot read properties of undefined (reading 'constructor')");
    const runwright = join(project.path, 'node_modules', '.bin', 'runwright');
    const build = await runProgram(runwright, ['build', 'sum.runner.js', '-o', 'sum.tar'], {
      cwd: folder,
    });
    expect(build.status).toBe(1);
    expect(build.stderr).toContain('"experimentalDecorators": true');
    expect(existsSync(join(folder, 'sum.tar'))).toBe(false);
    const doctor = await runProgram(runwright, ['doctor', 'sum.runner.js'], { cwd: folder });
    expect(doctor.status).toBe(1);
    expect(doctor.stdout + doctor.stderr).toContain('experimentalDecorators');
  });
});

// tsx takes the options of a tsconfig.json only for the files that it names.
describe('a project whose compiler emits no metadata (tsx)', () => {
  const tsx = join('..', 'node_modules', 'tsx', 'dist', 'cli.mjs');

  it('works with explicit types', async () => {
    const folder = project.folder('tsx-explicit');
    writeTsconfig(folder, ['explicit.ts', 'sum.runner.ts'], { module: 'nodenext' });
    expect(await node(folder, tsx, 'explicit.ts')).toEqual({ status: 0, stdout: '{"sum":6}\n', stderr: '' });
  });

  it('is told to give the type that it left to the compiler', async () => {
    const folder = project.folder('tsx-implicit');
    writeTsconfig(folder, ['implicit.ts', 'implicit.runner.ts', 'sum.runner.ts'], { module: 'nodenext' });
    const { status, stderr } = await node(folder, tsx, 'implicit.ts');
    expect(status).toBe(1);
    expect(stderr).toContain('ImplicitRunner.first: the input type is not given');
    expect(stderr).toContain('esbuild and tsx never do');
    expect(stderr).toContain('Write @Preprocess({ input: ... })');
  });
});
