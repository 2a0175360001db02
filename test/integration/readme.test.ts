import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requireProgram } from '../interop/requireProgram';
import { mlp } from '../unit/models/onnx/onnxFiles';
import { TestOciRegistry } from '../registry/TestOciRegistry';
import { TestVesslPlatform } from '../registry/TestVesslPlatform';
import { makeFolder, removeFolder } from './temporaryFolder';

const run = promisify(execFile);
const root = join(__dirname, '../..');

let folder: string;

/** The README's snippets, in a project with its own tsconfig that has the built runwright installed. */
beforeAll(async () => {
  folder = await makeFolder();
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const snippets = [...readme.matchAll(/<!-- example: (\S+) -->\s*```ts\n([\s\S]*?)```/g)];
  expect(snippets.map(([, name]) => name)).toEqual([
    'stars.runner.ts',
    'stars.test.ts',
    'register.ts',
    'serve.ts',
    'onnx.ts',
    'torch.ts',
  ]);
  await writeFile(join(folder, 'mlp.onnx'), mlp());
  for (const [, name = '', source = ''] of snippets) await writeFile(join(folder, name), source);
  // The comments in the test snippet say what comes out: print it, so that it can be held against them.
  const test = join(folder, 'stars.test.ts');
  const lines = (await readFile(test, 'utf8')).split('\n');
  const printed = lines.map((line) =>
    line.replace(/^(await runner\..*|runner\.records);.*$/, 'console.log(JSON.stringify($1));'),
  );
  await writeFile(test, printed.join('\n'));
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  for (const name of [
    'class-validator',
    'class-transformer',
    'onnxruntime-common',
    'reflect-metadata',
    '@types',
    'undici-types',
  ]) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await symlink(root, join(modules, 'runwright'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const compilerOptions = {
    target: 'ES2022',
    module: 'nodenext',
    strict: true,
    types: ['node'],
    experimentalDecorators: true,
    skipLibCheck: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
});
afterAll(() => removeFolder(folder));

const node = async (...[first, ...rest]: [string | { env: object }, ...string[]]): Promise<string> => {
  const [own, args] = typeof first === 'string' ? [{}, [first, ...rest]] : [first.env, rest];
  const env = {
    ...process.env,
    ...own,
    RUNWRIGHT_REGISTRY: join(folder, 'registry'),
    RUNWRIGHT_CACHE: join(folder, 'cache'),
  };
  return (await run(process.execPath, args, { cwd: folder, env })).stdout;
};

it('tests the runner as the README does', async () => {
  const [rating, words, records] = (await node('stars.test.js')).trim().split('\n');
  expect(rating).toBe('{"stars":5}');
  expect(words).toBe('["meh"]');
  expect(JSON.parse(records ?? '[]')).toHaveLength(4);
});

it('registers and loads as the README does', async () => {
  expect(await node('register.js')).toBe('Rating { stars: 1 }\n');
});

it('serves as the README does', async () => {
  expect(await node('serve.js')).toBe('{ stars: 5 }\n');
});

it('registers an ONNX file as the README does', async () => {
  expect(await node('onnx.js')).toBe('[ 3 ]\n');
});

const PYTHON = process.env.RUNWRIGHT_PYTHON ?? '/usr/bin/python3';

requireProgram(
  PYTHON,
  ['-c', 'import torch'],
  `torch of ${PYTHON} (RUNWRIGHT_PYTHON)`,
)('with torch', () => {
  it('registers a torch file as the README does', async () => {
    const script = `import torch
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
torch.jit.trace(model.eval(), torch.randn(2, 4)).save('flowers.pt')`;
    await run(PYTHON, ['-c', script], { cwd: folder });
    expect(await node('torch.js')).toBe('default/flowers:1\n');
    expect(await node(join(root, 'dist/cli/main.js'), 'show', 'flowers')).toMatch(/parity .*32 inputs/);
  });
});

it('uses the command line as the README does', async () => {
  const cli = join(root, 'dist/cli/main.js');
  const entry = join(folder, 'shell.runner.ts');
  await copyFile(join(folder, 'stars.runner.ts'), entry);
  await writeFile(
    entry,
    `${await readFile(entry, 'utf8')}\nexport const weights: Weights = new Map([['great', 2]]);\n`,
  );
  await node(cli, 'register', './shell.runner.ts', '--repository', 'shell', '--model', 'weights');
  expect(await node(cli, 'predict', 'shell', '--data', '{"text":"great"}', '--json')).toBe('{"stars":5}\n');
  expect(JSON.parse(await node(cli, 'list', 'shell', '--json'))).toMatchObject({
    models: [{ number: 1, servable: true }],
  });
});

it('publishes for the team as the README does', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, block = ''] = /^## Publish it for the team\n[\s\S]*?```sh\n([\s\S]*?)```/m.exec(readme) ?? [];
  // There may be one already, by the test above.
  await node('register.js');
  await copyFile(join(folder, 'stars.runner.ts'), join(folder, 'team.runner.ts'));
  await appendFile(
    join(folder, 'team.runner.ts'),
    `\nexport const weights: Weights = new Map([['great', 2]]);\n`,
  );
  const registry = await TestOciRegistry.start();
  const platform = await TestVesslPlatform.start();
  const own = {
    VESSL_API_HOST: platform.origin,
    VESSL_ACCESS_TOKEN: platform.token,
    VESSL_CONFIG_PATH: join(folder, 'no-config'),
  };
  try {
    const lines = block
      .replaceAll('oci://ghcr.io', `oci://${registry.host}`)
      .split('\n')
      .map((line) => line.replace(/\s*#.*$/, ''))
      // The two that go on, or ask; cliRegistries.test.ts runs them.
      .filter((line) => line !== '' && !/ (?:login|serve) /.test(line));
    expect(lines).toHaveLength(5);
    const outputs: string[] = [];
    for (const line of lines) {
      const [npx, name, ...args] = line.split(/\s+/);
      expect([npx, name]).toEqual(['npx', 'runwright']);
      const commands = args.map((each) => each.replace('./stars.runner.ts', './team.runner.ts'));
      outputs.push(await node({ env: own }, join(root, 'dist/cli/main.js'), ...commands));
    }
    const [copied = '', listed, pulled, registered, used] = outputs;
    const [digest] = /sha256:[0-9a-f]{64}/.exec(copied) ?? [];
    expect(listed).toContain('default/stars:1');
    expect(pulled).toContain(digest);
    expect(registered).toContain('acme/stars:1');
    expect(used).toContain('RUNWRIGHT_REGISTRY');
  } finally {
    await registry.stop();
    await platform.stop();
  }
});
