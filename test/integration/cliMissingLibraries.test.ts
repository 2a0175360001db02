import { spawnSync } from 'node:child_process';
import { cp, symlink, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, removeFolder } from './temporaryFolder';

const ROOT = join(__dirname, '../..');

let folder: string;
let main: string;
beforeAll(async () => {
  folder = await makeFolder();
  const installed = join(folder, 'node_modules/runwright');
  await mkdir(installed, { recursive: true });
  await cp(join(ROOT, 'dist'), join(installed, 'dist'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(installed, 'package.json'));
  main = join(installed, 'dist/cli/main.js');
});
afterAll(() => removeFolder(folder));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' });

it('every command says which of the libraries are missing, and how to get them', async () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<'peerDependencies' | 'peerDependenciesMeta', Record<string, unknown>>;
  const needed = Object.keys(peerDependencies).filter((name) => !Object.hasOwn(peerDependenciesMeta, name));
  const doctor = run('doctor');
  expect([doctor.status, doctor.stdout]).toEqual([1, '']);
  expect(doctor.stderr).toContain('[RW_LIBRARY_MISSING]');
  expect(
    doctor.stderr
      .match(/npm install ([^`]*)/)?.[1]
      ?.split(' ')
      .sort(),
  ).toEqual(needed.sort());
  expect(doctor.stderr).not.toContain(' at ');

  for (const name of needed.filter((name) => name !== 'class-validator'))
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  const list = run('list', '--json');
  expect(list.status).toBe(1);
  expect(list.stderr).toContain('npm install class-validator`');
  expect(JSON.parse(list.stdout)).toMatchObject({ code: 'RW_LIBRARY_MISSING' });
});
