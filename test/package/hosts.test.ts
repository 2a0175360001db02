import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './runProgram';
import { transpile } from './transpile';
import { useScratchProject } from './useScratchProject';

const project = useScratchProject();

const LOAD = `
  async function load({ loadModel, RunwrightError }) {
    const handle = await loadModel('sum');
    const { sum } = await handle.run({ terms: [{ value: 2 }, { value: 3 }] });
    const refused = await handle.run({ terms: [{ value: 'two' }] }).catch((error) =>
      RunwrightError.is(error) ? error.issues.map(({ path }) => path) : String(error));
    await handle.close();
    return { sum, refused };
  }
`;
const answer = { sum: 6, refused: ['terms[0].value'] };

describe('a package that a project has registered', () => {
  let folder = '';
  let registered: { reference: string; digest: string } = { reference: '', digest: '' };
  const environment = () => ({
    RUNWRIGHT_REGISTRY: join(project.path, 'registry'),
    RUNWRIGHT_CACHE: join(project.path, 'cache'),
  });
  const run = async (cwd: string, command: string, ...args: string[]) => {
    const { status, stdout, stderr } = await runProgram(command, args, { cwd, environment: environment() });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as unknown;
  };

  beforeAll(async () => {
    if (!existsSync(join(project.path, 'node_modules', 'runwright'))) return;
    folder = project.folder('one');
    transpile(folder, ['sum.runner.ts'], { experimentalDecorators: true });
    writeFileSync(
      join(folder, 'register.js'),
      `import { registerModel } from 'runwright';
       import { SumRunner } from './sum.runner.js';
       const registered = await registerModel({
         repositoryName: 'sum',
         modelNumber: null,
         runner: SumRunner,
         entry: new URL('./sum.runner.js', import.meta.url),
         modelInstance: { offset: 1 },
       });
       console.log(JSON.stringify(registered));`,
    );
    registered = (await run(folder, process.execPath, 'register.js')) as typeof registered;
  }, 120_000);

  it('has a number and a digest', () => {
    expect(registered).toMatchObject({ number: 1, reference: 'default/sum:1' });
    expect(registered.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('is loaded by an ESM host from another folder', async () => {
    const file = join(folder, 'load.mjs');
    writeFileSync(
      file,
      `import * as runwright from 'runwright'; ${LOAD} console.log(JSON.stringify(await load(runwright)));`,
    );
    const elsewhere = join(project.path, 'elsewhere');
    mkdirSync(elsewhere);
    expect(await run(elsewhere, process.execPath, file)).toEqual(answer);
  });

  it('is loaded by a CommonJS host', async () => {
    const file = join(folder, 'load.cjs');
    writeFileSync(
      file,
      `${LOAD} void load(require('runwright')).then((result) => console.log(JSON.stringify(result)));`,
    );
    expect(await run(folder, process.execPath, file)).toEqual(answer);
  });

  it('is loaded by a second project with its own copies of the libraries, from the same cache', async () => {
    const second = secondProject('second');
    writeFileSync(
      join(second, 'load.mjs'),
      `import * as runwright from 'runwright'; ${LOAD} console.log(JSON.stringify(await load(runwright)));`,
    );
    expect(await run(second, process.execPath, 'load.mjs')).toEqual(answer);
  });

  it('is loaded by two copies of the libraries in one process', async () => {
    const second = secondProject('third');
    const file = join(folder, 'loadTwice.mjs');
    writeFileSync(
      file,
      `import { createRequire } from 'node:module';
       import * as runwright from 'runwright';
       ${LOAD}
       const other = createRequire(${JSON.stringify(join(second, 'x.js'))})('runwright');
       if (other.loadModel === runwright.loadModel) throw new Error('there is one copy only');
       console.log(JSON.stringify(await Promise.all([runwright, other].map(load))));`,
    );
    expect(await run(folder, process.execPath, file)).toEqual([answer, answer]);
  });

  it('is listed and run by the command line of the project', async () => {
    const runwright = join(project.path, 'node_modules', '.bin', 'runwright');
    const version = await runProgram(runwright, ['--version'], { cwd: folder });
    const { version: expected } = JSON.parse(
      readFileSync(join(project.path, 'node_modules', 'runwright', 'package.json'), 'utf8'),
    ) as { version: string };
    expect(version).toEqual({ status: 0, stdout: `${expected}\n`, stderr: '' });
    expect(await run(folder, runwright, 'list', '--json')).toMatchObject({
      models: [
        { organization: 'default', repository: 'sum', number: 1, digest: registered.digest, servable: true },
      ],
    });
    const data = JSON.stringify({ terms: [{ value: 2 }] });
    expect(await run(folder, runwright, 'predict', 'sum', '--data', data, '--json')).toEqual({ sum: 3 });
  });

  /** A project outside the first one, with copies of all that is installed there. */
  function secondProject(name: string): string {
    const path = join(project.path, '..', name);
    mkdirSync(path);
    cpSync(join(project.path, 'node_modules'), join(path, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return path;
  }
});
