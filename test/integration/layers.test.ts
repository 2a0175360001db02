import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = join(__dirname, '..', '..');

/** Files that import each other in a circle, a circle of types counts. */
async function findCycles(folder: string): Promise<{ files: number; cycles: string[] }> {
  const { cruise } = await import('dependency-cruiser');
  const { output } = await cruise(['src'], {
    baseDir: folder,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    validate: true,
    ruleSet: { forbidden: [{ name: 'cycle', severity: 'error', from: {}, to: { circular: true } }] },
  });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave a report');
  const { violations, totalCruised } = output.summary;
  const path = ({ from, cycle = [] }: (typeof violations)[number]) =>
    [from, ...cycle.map(({ name }) => name)].join(' > ');
  return { files: totalCruised, cycles: violations.map(path) };
}

describe('imports', () => {
  it('make no cycles', async () => {
    const { files, cycles } = await findCycles(root);
    expect(files).toBeGreaterThan(200);
    expect(cycles).toEqual([]);
  });

  it('would be seen as a cycle if they were of types only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'runwright-cycle-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'src'));
    writeFileSync(
      join(folder, 'src', 'a.ts'),
      `import type { B } from './b';\nexport interface A { b: B }\n`,
    );
    writeFileSync(
      join(folder, 'src', 'b.ts'),
      `import type { A } from './a';\nexport interface B { a: A }\n`,
    );
    const { cycles } = await findCycles(folder);
    expect(cycles).toContain('src/a.ts > src/b.ts > src/a.ts');
  });
});

describe('the lint rules', () => {
  // The rules that need types are off: the texts belong to files that no tsconfig knows, and the others are what is tried.
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: {
      parserOptions: { project: null },
      extends: ['plugin:@typescript-eslint/disable-type-checked'],
    },
  });
  async function broken(file: string, text: string): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(text, { filePath: join(root, 'src', file) });
    return [...new Set(result?.messages.map(({ ruleId }) => ruleId))];
  }

  it.each([
    ['upwards', 'errors/x.ts', `import { scanRunner } from '../scanner/scanRunner';\nscanRunner(Date);`],
    [
      'in the layer',
      'scanner/x.ts',
      `import { saveValue } from '../models/value/saveValue';\nsaveValue.call(0);`,
    ],
    ['of a type', 'metadata/x.ts', `export type { Schema } from '../schema/Schema';`],
    [
      'type-only',
      'metadata/x.ts',
      `import type { Schema } from '../schema/Schema';\nexport type X = Schema;`,
    ],
    ['at run time', 'lifecycle/x.ts', `void import('../registry/openRegistry.js');`],
    ['of the root', 'testing/x.ts', `import { Runner } from '../index';\nRunner();`],
  ])('refuse an import %s', async (_, file, text) => {
    expect(await broken(file, text)).toEqual(['import/no-restricted-paths']);
  });

  const homes = {
    got: 'registry',
    archiver: 'packer',
    'tar-stream': 'packer',
    rolldown: 'packer',
    'rolldown/utils': 'packer',
    fastify: 'server',
    '@nestjs/common': 'nestjs',
    commander: 'cli',
    'cli-progress': 'cli',
  };
  const imports = {
    static: (name: string) => [`import { x } from '${name}';\nx();`, 'no-restricted-imports'],
    'type-only': (name: string) => [
      `import type { X } from '${name}';\nexport type Y = X;`,
      'no-restricted-imports',
    ],
    dynamic: (name: string) => [`void import('${name}');`, 'no-restricted-syntax'],
  };
  const cases = Object.entries(homes).flatMap(([name, home]) =>
    Object.entries(imports).map(([kind, make]) => ({ name, home, kind, make })),
  );
  it.each(cases)('keep a $kind import of $name in src/$home', async ({ name, home, make }) => {
    const [text = '', rule] = make(name);
    expect(await broken(`${home}/x.ts`, text)).toEqual([]);
    expect(await broken('lifecycle/x.ts', text)).toEqual([rule]);
    expect(await broken('registrar/x.ts', text)).toEqual([rule]);
  });

  it('let only the command line end the process, and nothing write to the console', async () => {
    expect(await broken('server/x.ts', 'process.exit(1);')).toEqual(['no-restricted-properties']);
    expect(await broken('cli/x.ts', 'process.exit(1);')).toEqual([]);
    expect(await broken('cli/x.ts', `console.log('done');`)).toEqual(['no-console']);
  });

  it('let a folder import from lower layers', async () => {
    const text = `import { RunwrightError } from '../errors/RunwrightError';\nexport const is = RunwrightError.is;`;
    expect(await broken('lifecycle/x.ts', text)).toEqual([]);
  });
});
