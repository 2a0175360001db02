import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { externalData, mlp } from '../unit/models/onnx/onnxFiles';
import { compile } from './compile';
import { runProgram } from './runProgram';
import { useScratchProject } from './useScratchProject';

const MISSING = {
  code: 'RW_LIBRARY_MISSING',
  where: 'onnxruntime-node',
  hint: 'Run `npm install onnxruntime-node`',
};

const project = useScratchProject(['@types/node@20']);
const run = (cwd: string, ...args: string[]) =>
  runProgram(process.execPath, args, { cwd, environment: { RUNWRIGHT_REGISTRY: join(cwd, 'registry') } });

describe('a project without onnxruntime-node', () => {
  beforeAll(() => {
    // Installed with npm's own flags: an optional peer is not taken along.
    expect(existsSync(join(project.path, 'node_modules/runwright'))).toBe(true);
    expect(existsSync(join(project.path, 'node_modules/onnxruntime-node'))).toBe(false);
  });

  it.each([
    [
      'module',
      'main.mjs',
      "import { registerModel } from 'runwright'; import { OnnxModel } from 'runwright/onnx'; import { TorchModel } from 'runwright/torch';",
    ],
    [
      'commonjs',
      'main.cjs',
      "const { registerModel } = require('runwright'); const { OnnxModel } = require('runwright/onnx'); const { TorchModel } = require('runwright/torch');",
    ],
  ] as const)(
    'imports all entries, and is told what to install when a model is opened: %s',
    async (type, name, imports) => {
      const folder = project.folder(`models-${type}`, type);
      writeFileSync(join(folder, 'mlp.onnx'), mlp());
      writeFileSync(join(folder, 'missing.onnx'), externalData('w.data'));
      writeFileSync(
        join(folder, name),
        `${imports}
       const ask = (work) => work.then(() => 'done', ({ code, where, hint }) => ({ code, where, hint }));
       const main = async () => {
         const kinds = [typeof registerModel, typeof OnnxModel.fromFile, typeof TorchModel.fromFile];
         const modelInstance = OnnxModel.fromFile('mlp.onnx');
         const registered = await ask(registerModel({ repositoryName: 'mlp', modelNumber: null, modelInstance }));
         // What is wrong with the file itself is said first.
         const file = await ask(OnnxModel.fromFile('missing.onnx'));
         console.log(JSON.stringify({ kinds, registered, file: file.code }));
       };
       main();`,
      );
      const { status, stdout, stderr } = await run(folder, name);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        kinds: ['function', 'function', 'function'],
        registered: MISSING,
        file: 'RW_MODEL_FILE_INVALID',
      });
      expect(existsSync(join(folder, 'registry'))).toBe(false);
    },
  );

  it('is told so on the command line', async () => {
    const folder = project.folder('models-cli');
    writeFileSync(join(folder, 'mlp.onnx'), mlp());
    const main = join(project.path, 'node_modules/runwright/dist/cli/main.js');
    const { status, stdout, stderr } = await run(folder, main, 'register', 'mlp.onnx', '--repository', 'mlp');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('it runs ONNX models, and is not installed [RW_LIBRARY_MISSING]');
    expect(stderr).toContain('fix: Run `npm install onnxruntime-node`');
  });

  it('compiles against the types of both entries', async () => {
    const folder = project.folder('models-types');
    writeFileSync(
      join(folder, 'models.ts'),
      `import { registerModel } from 'runwright';
       import { OnnxModel, type OnnxOptions } from 'runwright/onnx';
       import { TorchModel } from 'runwright/torch';
       export const options: OnnxOptions = { intraOpNumThreads: 1 };
       export const register = async () =>
         registerModel({ repositoryName: 'mlp', modelNumber: null, modelInstance: await OnnxModel.fromFile('mlp.onnx', options) });
       export const open: typeof TorchModel.fromFile = TorchModel.fromFile;`,
    );
    expect(
      await compile(folder, ['models.ts'], {
        module: 'nodenext',
        // onnxruntime-common's own types name those of browsers.
        lib: ['es2023', 'dom'],
      }),
    ).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });
});
