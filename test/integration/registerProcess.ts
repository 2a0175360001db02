import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** A project in `folder` that has the built runwright installed and registers the scale runner from a process of its own. */
export async function makeProject(folder: string): Promise<string> {
  const modules = join(folder, 'node_modules');
  await mkdir(modules, { recursive: true });
  for (const name of ['class-validator', 'class-transformer', 'reflect-metadata']) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await symlink(root, join(modules, 'runwright'));
  const source = await readFile(join(__dirname, 'fixtures/scale.runner.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      useDefineForClassFields: false,
    },
  });
  await writeFile(join(folder, 'scale.runner.cjs'), outputText);
  await writeFile(
    join(folder, 'register.cjs'),
    await readFile(join(__dirname, 'fixtures/registerForever.cjs'), 'utf8'),
  );
  return folder;
}

/** Starts registering `count` times; every number that was given arrives as a message. */
export function startRegistering(
  project: string,
  { registry, repository, count }: { registry: string; repository: string; count: number },
): ChildProcess {
  const fixture = join(project, 'scale.runner.cjs');
  return fork(join(project, 'register.cjs'), [registry, repository, fixture, fixture, String(count)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
