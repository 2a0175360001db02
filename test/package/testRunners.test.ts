import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeTsconfig } from './compile';
import { runProgram } from './runProgram';
import { installPackages, useScratchProject } from './useScratchProject';

const project = useScratchProject([
  '@types/node@20',
  'typescript@~6.0',
  'jest@30',
  'ts-jest@29',
  '@swc/core@1',
  '@swc/jest@0.2',
  'vitest@4',
  'vite@8',
]);

const node = (cwd: string, ...args: string[]) => runProgram(process.execPath, args, { cwd });
const modules = (...path: string[]) => join(project.path, 'node_modules', ...path);

const SOURCES = ['sum.spec.ts', 'implicit.spec.ts', 'sum.runner.ts', 'implicit.runner.ts'];

function jestFolder(name: string, transform: unknown): string {
  const folder = project.folder(name, 'commonjs');
  writeTsconfig(folder, SOURCES, {
    module: 'commonjs',
    moduleResolution: 'bundler',
    isolatedModules: true,
  });
  const config = {
    rootDir: '.',
    transform: { '\\.ts$': transform },
    moduleNameMapper: { '^(\\..*)\\.js$': '$1' },
  };
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(config));
  return folder;
}

describe('the unit tests of a runner under Jest 30, without flags', () => {
  it('pass with ts-jest', async () => {
    const folder = jestFolder('ts-jest', ['ts-jest', { diagnostics: false }]);
    const { status, stderr } = await node(folder, modules('jest', 'bin', 'jest.js'), '--ci');
    expect(stderr).toContain('Tests:       4 passed, 4 total');
    expect(status).toBe(0);
  });

  it('pass with @swc/jest', async () => {
    const transform = { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false };
    const jsc = { parser: { syntax: 'typescript', decorators: true }, transform, target: 'es2022' };
    const folder = jestFolder('swc-jest', ['@swc/jest', { jsc }]);
    const { status, stderr } = await node(folder, modules('jest', 'bin', 'jest.js'), '--ci');
    expect(stderr).toContain('Tests:       4 passed, 4 total');
    expect(status).toBe(0);
  });
});

function vitestFolder(name: string): string {
  const folder = project.folder(name);
  writeTsconfig(folder, SOURCES, { module: 'esnext', moduleResolution: 'bundler' });
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default { test: { globals: true } };');
  return folder;
}

describe('the unit tests of a runner under Vitest 4', () => {
  it('pass with Vite 8', async () => {
    const folder = vitestFolder('vite-8');
    const { status, stdout, stderr } = await node(folder, modules('vitest', 'vitest.mjs'), 'run');
    expect(stdout + stderr).toMatch(/Tests {2}4 passed \(4\)/);
    expect(status).toBe(0);
  });

  it('pass with Vite 7, which emits no metadata, where types are explicit; where they are not, it is said', async ({
    skip,
  }) => {
    const folder = vitestFolder('vite-7');
    // Its own copies beside the sources; Runwright is the one above.
    const unreachable = await installPackages(folder, ['vitest@4', 'vite@7']);
    if (unreachable !== undefined) skip(unreachable);
    const { status, stdout, stderr } = await node(folder, 'node_modules/vitest/vitest.mjs', 'run');
    const output = stdout + stderr;
    expect(output).toMatch(/Tests {2}1 failed \| 3 passed \(4\)/);
    expect(output).toContain(
      'ImplicitRunner.first: the input type is not given, and the compiler emitted no parameter types',
    );
    expect(output).toContain('Write @Preprocess({ input: ... })');
    expect(status).toBe(1);
  });
});
