import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, removeFolder } from './temporaryFolder';

const run = promisify(execFile);
const root = join(__dirname, '../..');

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => removeFolder(folder));

interface Place {
  readonly path: string;
  readonly zone: string;
  readonly tsconfig: object;
}

/** The same project in a folder of its own; what differs is nothing of the input. */
async function buildIn({ path, zone, tsconfig }: Place): Promise<{ digest: string; archive: string }> {
  const project = join(folder, path);
  await mkdir(join(project, 'src/data'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
  const source = await readFile(join(__dirname, 'fixtures/scale.runner.ts'), 'utf8');
  await writeFile(join(project, 'src/scale.runner.ts'), `${source}\nexport const model = { factor: 3 };\n`);
  await writeFile(join(project, 'src/data/offset.txt'), '100');
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
  const args = [
    'build',
    'src/scale.runner.ts',
    '--model',
    'model',
    '--artifact',
    'src/data/*=data/*',
    '-o',
    'out.tar',
    '--json',
  ];
  const { stdout } = await run(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    cwd: project,
    env: { ...process.env, TZ: zone, LANG: zone.startsWith('Asia') ? 'ja_JP.UTF-8' : 'C' },
  });
  const { digest, file } = JSON.parse(stdout) as { digest: string; file: string };
  return {
    digest,
    archive: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}

it('builds one package, byte for byte, in two folders, under two time zones and two tsconfigs', async () => {
  const here = await buildIn({ path: 'here', zone: 'America/Anchorage', tsconfig: {} });
  const there = await buildIn({
    path: 'a/much/deeper/folder with spaces',
    zone: 'Asia/Tokyo',
    tsconfig: {
      compilerOptions: { target: 'ES5', useDefineForClassFields: true, emitDecoratorMetadata: false },
    },
  });
  expect(there).toEqual(here);
});
