import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProject } from './cliProcess';

const DIGEST = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
const ADDER = ['./adder.runner.ts', '--model', 'model'];

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
});
afterAll(() => project.remove());

const json = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await project.run([...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.endsWith('\n')).toBe(true);
  return JSON.parse(stdout);
};

describe('the way of a model', () => {
  let digest: string;

  it('build writes an archive', async () => {
    const built = (await json('build', ...ADDER, '-o', 'adder.tar')) as { digest: string };
    const { length } = await readFile(project.path('adder.tar'));
    expect(built).toEqual({ file: project.path('adder.tar'), digest: DIGEST, size: length });
    digest = built.digest;
    expect((await project.run(['build', ...ADDER])).stdout).toContain(digest);
    expect(await readdir(project.directory)).toContain('adder.runwright.tar');
  });

  it('register publishes an entry, and an archive under the same digest', async () => {
    const names = { organization: 'default', repository: 'adder' };
    expect(await json('register', ...ADDER, '--repository', 'adder')).toEqual({
      ...names,
      number: 1,
      digest,
      reference: 'default/adder:1',
    });
    expect(await json('register', 'adder.tar', '--repository', 'adder')).toMatchObject({ number: 2, digest });
    const onto = ['register', './adder.runner.ts', '--model', 'makeModel', '--model-number', '2'];
    const replaced = (await json(...onto, '--repository', 'adder')) as { number: number; digest: string };
    expect(replaced.number).toBe(2);
    expect(replaced.digest).not.toBe(digest);
    const other = ['--organization', 'acme', '--model-number', '1'];
    const refused = await project.run(['register', 'adder.tar', '--repository', 'adder', ...other]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('RW_MODEL_NOT_FOUND');
  });

  it('alias, list and show say what is there', async () => {
    const entry = {
      organization: 'default',
      repository: 'adder',
      digest: DIGEST,
      servable: true,
      registeredAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    };
    const first = { ...entry, number: 1, digest, aliases: ['stable'] };
    expect(await json('alias', 'adder:1', 'stable')).toEqual(first);
    const all = { models: [first, { ...entry, number: 2, aliases: [] }] };
    expect(await json('list')).toEqual(all);
    expect(await json('list', 'default/adder')).toEqual(all);
    expect(await json('list', '--organization', 'acme')).toEqual({ models: [] });
    expect((await project.run(['list', 'adder'])).stdout).toMatch(/default\/adder:1 .*stable\n/);

    expect(await json('show', 'adder:stable')).toEqual({
      reference: 'default/adder:1',
      digest,
      manifest: expect.objectContaining({ manifestVersion: 1 }) as unknown,
    });
    expect((await project.run(['show', 'adder:stable'])).stdout).toMatch(
      /runner +adder \(class AdderRunner\)/,
    );
  });

  it('pull copies it into a new folder', async () => {
    const directory = project.path('pulled');
    expect(await json('pull', 'adder:1', '-o', 'pulled')).toEqual({
      reference: 'default/adder:1',
      digest,
      directory,
    });
    expect((await readdir(directory)).sort()).toEqual(['code', 'model', 'runwright.json']);
    const again = await project.run(['pull', 'adder:1', '-o', 'pulled']);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('not empty');
  });

  it('verify reads every blob, of a model and of an archive', async () => {
    const intact = (await json('verify', 'adder:1')) as { blobs: { ok: boolean; path: string | null }[] };
    expect(intact).toEqual({ digest, ok: true, blobs: expect.any(Array) as unknown });
    expect(intact.blobs.map(({ path }) => path)).toEqual([
      null,
      'runwright.json',
      'code',
      'model/model.json',
    ]);
    expect(await json('verify', './adder.tar')).toEqual(intact);

    const bytes = await readFile(project.path('adder.tar'));
    const at = bytes.indexOf('"add"');
    bytes[at + 1] = 'x'.charCodeAt(0);
    await writeFile(project.path('flipped.tar'), bytes);
    const damaged = await project.run(['verify', 'flipped.tar', '--json']);
    expect(damaged.code).toBe(1);
    const { ok, blobs } = JSON.parse(damaged.stdout) as typeof intact & { ok: boolean };
    expect(ok).toBe(false);
    expect(blobs.filter((blob) => !blob.ok).map(({ path }) => path)).toEqual(['model/model.json']);
    expect(damaged.stderr).toMatch(/model\/model\.json.*\n +fix: /);

    await writeFile(project.path('short.tar'), bytes.subarray(0, 3000));
    for (const [command, ...rest] of [
      ['verify'],
      ['predict', '--data', '1'],
      ['register', '--repository', 'x'],
    ] as const) {
      for (const file of ['short.tar', ...(command === 'verify' ? [] : ['flipped.tar'])]) {
        const refused = await project.run([command, file, ...rest]);
        expect(refused.code).toBe(1);
        expect(refused.stderr).toMatch(/RW_PACKAGE_(INVALID|CORRUPT)/);
        expect(refused.stderr).toContain('  fix: ');
      }
    }
    expect(await json('list', '--organization', 'default')).toMatchObject({ models: [{}, {}] });
  });

  it('artifacts travel with a runner that reads them', async () => {
    await writeFile(project.path('names.txt'), 'zero\none\n');
    const labels = ['./labels.runner.ts', '--artifact', 'names.txt=labels.txt'];
    expect(await json('predict', ...labels, '--data', '1')).toBe('one');
    await json('register', ...labels, '--repository', 'labels');
    expect(await json('predict', 'labels', '--data', '0')).toBe('zero');
    expect(await json('predict', 'labels', '--data', '7')).toBe(null);
    const without = await project.run(['register', './labels.runner.ts', '--repository', 'labels']);
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/where: --model\n +fix: .*--artifact/);
  });

  it('an archive without a model is refused by register', async () => {
    await json('build', './adder.runner.ts', '-o', 'empty.tar');
    const refused = await project.run(['register', 'empty.tar', '--repository', 'adder']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--model');
  });
});

describe('what is typed wrongly', () => {
  it.each([
    ['no command', [], 'a command is missing'],
    ['an unknown command', ['predct', 'x'], 'Did you mean predict?'],
    ['an unknown flag', ['list', '--jsn'], 'Did you mean --json?'],
    ['a missing argument', ['show'], "missing required argument 'reference'"],
    ['a missing flag', ['register', './adder.runner.ts'], '--repository'],
    [
      'a number that is none',
      ['register', 'x.ts', '--repository', 'a', '--model-number', '0'],
      'positive integer',
    ],
    ['a port that is none', ['serve', 'x', '--port', '70000'], '65535'],
    ['an artifact without a path', ['build', 'x.ts', '--artifact', 'a'], 'local=path'],
    ['a bad repository', ['register', './adder.runner.ts', '--repository', 'A b'], 'where: --repository'],
    ['a bad reference', ['show', 'a:b:c'], 'RW_REFERENCE_INVALID'],
    ['a bad organization', ['list', '--organization', 'A b'], '--organization'],
    ['an unknown kind of registry', ['list', '--registry', 'ftp://x'], 'where: --registry'],
    [
      'a reference where a file is expected',
      ['register', 'adder', '--repository', 'a'],
      'neither a module nor an archive',
    ],
    ['a module where a package is expected', ['verify', './adder.runner.ts'], 'a package is expected'],
    ['a flag of entries for a model', ['predict', 'adder', '--model', 'x', '--data', '1'], 'where: --model'],
    ['no input', ['predict', 'adder'], '--data'],
    ['two inputs', ['predict', 'adder', '--data', '1', '--input', '-'], 'both'],
    ['data that is not JSON', ['predict', 'adder', '--data', '{a'], 'where: --data'],
  ])('%s is exit code 2, with what to do', async (_, args, text) => {
    const { code, stdout, stderr } = await project.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error: ');
    expect(stderr).toContain('  fix: ');
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n +at /);
  });

  it('with --json the error is the one document on stdout', async () => {
    const missing = await project.run(['show', 'nothing', '--json']);
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.stdout)).toEqual({
      error: expect.stringContaining('nothing') as string,
      code: 'RW_MODEL_NOT_FOUND',
      issues: [],
    });
    const usage = await project.run(['show', '--json']);
    expect(usage.code).toBe(2);
    expect(JSON.parse(usage.stdout)).toMatchObject({ code: 'RW_USAGE' });
  });

  it('a repository that is not there is told by list as by show', async () => {
    const { code, stderr } = await project.run(['list', 'nothing']);
    expect(code).toBe(1);
    expect(stderr).toContain('RW_MODEL_NOT_FOUND');
  });

  it('of two runners in a module --class chooses', async () => {
    const runner = (name: string): string =>
      `@Runner() export class ${name} { @Predict({ input: Unvalidated, output: Unvalidated }) predict() { return 1; } }`;
    await writeFile(
      project.path('two.runner.ts'),
      `import { Predict, Runner, Unvalidated } from 'runwright';\n${runner('A')}\n${runner('B')}`,
    );
    const { stderr } = await project.run(['predict', './two.runner.ts', '--data', '1']);
    expect(stderr).toContain('fix: Say which one with --class\n');
  });

  it('--verbose adds the stack', async () => {
    const { stderr } = await project.run(['show', 'nothing', '--verbose']);
    expect(stderr).toMatch(/\n +at /);
  });

  it.each([
    ['a folder that is no registry', () => project.directory, 'RW_REGISTRY_INVALID'],
    ['a path through a file', () => project.path('adder.runner.ts'), 'RW_REGISTRY_INVALID'],
  ])('%s is exit code 1', async (_, registry, code) => {
    const ended = await project.run(['list', '--registry', registry()]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(code);
  });

  it('a registry of a newer format is refused', async () => {
    const newer = await CliProject.create();
    try {
      await newer.run(['register', ...ADDER, '--repository', 'adder']);
      await writeFile(newer.path('registry/runwright-registry.json'), '{"formatVersion":99}');
      const { code, stderr } = await newer.run(['list']);
      expect(code).toBe(1);
      expect(stderr).toContain('RW_REGISTRY_FORMAT');
    } finally {
      await newer.remove();
    }
  });

  it.each([
    ['that is not there', './nowhere.runner.ts', undefined, 'RW_ENTRY_INVALID'],
    ['with a syntax error', './syntax.runner.ts', 'export class {', 'RW_BUNDLE_FAILED'],
    ['with an unresolved import', './import.runner.ts', "import 'no-such-package';", 'RW_BUNDLE_FAILED'],
    ['without a runner', './none.runner.ts', 'export const a = 1;', 'RW_ENTRY_INVALID'],
    [
      'that registers',
      './registers.runner.ts',
      "import { registerModel } from 'runwright'; await registerModel({});",
      'RW_ENTRY_REGISTERS',
    ],
    [
      'with faults in its class',
      './faults.runner.ts',
      "import { Runner } from 'runwright'; @Runner() export class R {}",
      'RW_RUNNER_INVALID',
    ],
  ])('an entry %s is exit code 1', async (_, file, source, expected) => {
    if (source !== undefined) await writeFile(project.path(file), source);
    const { code, stderr } = await project.run(['build', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(expected);
  });
});

describe('help', () => {
  it.each(['build', 'register', 'list', 'show', 'pull', 'predict', 'serve', 'verify', 'alias', 'doctor'])(
    '%s --help has examples and the flags of all commands',
    async (command) => {
      const { code, stdout, stderr } = await project.run([command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`$ runwright ${command} `.trimEnd());
      expect(stdout).toContain('--registry');
    },
  );

  it('--version prints the version', async () => {
    const { version } = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    const { code, stdout, stderr } = await project.run(['--version']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('doctor', () => {
  interface Answer {
    ok: boolean;
    checks: { name: string; status: string; found: string; fix?: string }[];
  }
  const statuses = ({ checks }: Answer): Record<string, string> =>
    Object.fromEntries(checks.map(({ name, status }) => [name, status]));

  it('says what is missing, and how to get it', async () => {
    const { code, stdout } = await project.run(['doctor', './adder.runner.ts', '--json']);
    const answer = JSON.parse(stdout) as Answer;
    expect(code).toBe(1);
    expect(answer.ok).toBe(false);
    expect(statuses(answer)).toMatchObject({
      node: 'ok',
      npm: 'ok',
      'class-validator': 'failed',
      registry: 'ok',
      cache: 'ok',
      bundle: 'ok',
      runner: 'ok',
    });
    for (const { status, fix } of answer.checks) expect(fix === undefined).toBe(status === 'ok');
    const text = await project.run(['doctor']);
    expect(text.stdout).toMatch(/failed +class-validator +not installed\n +fix: Run `npm install/);
  });

  it('shows a fault of several lines as lines', async () => {
    await writeFile(project.path('lost.runner.ts'), `import './one.js';\nimport './two.js';\n`);
    const { code, stdout } = await project.run(['doctor', './lost.runner.ts']);
    expect(code).toBe(1);
    expect(stdout).not.toContain('\\n');
    expect(stdout).toMatch(/^failed +bundle +.*\n(?: .*\n)*? .*one\.js.*\n(?: .*\n)*? .*two\.js/m);
  });

  it('explains decorators that were compiled in the new way', async () => {
    // What a compiler without experimentalDecorators makes of `@IsNumber() value`.
    await writeFile(
      project.path('tc39.runner.js'),
      "import { IsNumber } from 'class-validator';\nIsNumber()(undefined, { kind: 'field', name: 'value' });\n",
    );
    const { code, stdout } = await project.run(['doctor', './tc39.runner.js', '--json']);
    expect(code).toBe(1);
    const runner = (JSON.parse(stdout) as Answer).checks.find(({ name }) => name === 'runner');
    expect(runner).toMatchObject({
      status: 'failed',
      fix: expect.stringContaining('experimentalDecorators') as string,
    });
  });
});
