import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, onnxFile, value } from '../unit/models/onnx/onnxFile';
import { externalData, identity, mlp } from '../unit/models/onnx/onnxFiles';
import { makeFolder, removeFolder } from './temporaryFolder';

const run = promisify(execFile);
const root = join(__dirname, '../..');

const OPEN = `
  const { OnnxModel } = require('runwright/onnx');
  (async () => {
    for (const [file, options] of JSON.parse(process.argv[1])) {
      const said = await OnnxModel.fromFile(file, options).then(() => 'opened', ({ code, message }) => ({ code, message }));
      console.log(JSON.stringify(said));
    }
  })();`;

interface Said {
  readonly code: string;
  readonly message: string;
}

/** Opens files in a process of its own; what it says of each, and what it wrote to stderr. */
async function open(
  files: readonly (readonly [file: string, options?: unknown])[],
  cwd = root,
): Promise<{ said: ('opened' | Said)[]; stderr: string }> {
  const { stdout, stderr } = await run(process.execPath, ['-e', OPEN, JSON.stringify(files)], { cwd });
  return {
    said: stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as 'opened' | Said),
    stderr,
  };
}

describe('OnnxModel in a process of its own', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await makeFolder();
  });
  afterAll(() => removeFolder(folder));

  const write = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };

  it('leaves no telemetry behind, unless the user asks for it', async () => {
    const file = await write('quiet.onnx', mlp());
    const openIn = async (name: string, environment: NodeJS.ProcessEnv) => {
      const TMPDIR = join(folder, name);
      await mkdir(TMPDIR);
      // onnxruntime gathers none in CI either.
      const env = { ...process.env, CI: undefined, ORT_DISABLE_TELEMETRY: undefined, ...environment, TMPDIR };
      await run(process.execPath, ['-e', OPEN, JSON.stringify([[file]])], { cwd: root, env });
      return readdir(TMPDIR);
    };
    expect(await openIn('quiet', {})).toEqual([]);
    // An empty one stands for its absence: this is what shows that the test can fail.
    if (process.platform === 'linux')
      expect(await openIn('asked', { ORT_DISABLE_TELEMETRY: '' })).not.toEqual([]);
  });

  it('throws what is wrong with a file, and writes nothing to stderr', async () => {
    const values = { inputs: [value('x', 'float32', ['n'])], outputs: [value('y', 'float32', ['n'])] };
    await write('short.bin', Buffer.alloc(3));
    const files = [
      await write('text.onnx', Buffer.from('no model')),
      await write('cut.onnx', mlp().subarray(0, 700)),
      await write('op.onnx', onnxFile({ nodes: [node('Frobnicate', ['x'], ['y'])], ...values })),
      await write('opset.onnx', onnxFile({ nodes: [node('Relu', ['x'], ['y'])], ...values, opset: 99 })),
      await write('broken.onnx', onnxFile({ nodes: [node('Relu', ['z'], ['y'])], ...values })),
      await write('bfloat16.onnx', identity('bfloat16')),
      await write('short.onnx', externalData('short.bin')),
    ];
    const { said, stderr } = await open(files.map((file) => [file] as const));
    expect(said).toEqual(files.map(() => expect.objectContaining({ code: 'RW_MODEL_FILE_INVALID' }) as Said));
    expect(stderr).toBe('');
  });

  it('says the same of a provider that does not work here', async () => {
    const file = await write('mlp.onnx', mlp());
    const { said, stderr } = await open([
      [file, { executionProviders: ['no-such-provider', 'cpu'] }],
      [file],
    ]);
    expect(said).toEqual([expect.objectContaining({ code: 'RW_OPTION_INVALID' }) as Said, 'opened']);
    expect(stderr).toBe('');
  });

  it('names the command that installs onnxruntime-node where it is missing', async () => {
    const modules = join(folder, 'node_modules');
    await mkdir(join(modules, 'runwright'), { recursive: true });
    for (const part of ['package.json', 'dist']) {
      await cp(join(root, part), join(modules, 'runwright', part), { recursive: true });
    }
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name === 'onnxruntime-node' || name.startsWith('.')) continue;
      await symlink(join(root, 'node_modules', name), join(modules, name));
    }
    const { said, stderr } = await open([[await write('here.onnx', mlp())]], folder);
    expect(said).toEqual([
      {
        code: 'RW_LIBRARY_MISSING',
        message:
          'onnxruntime-node: it runs ONNX models, and is not installed. Run `npm install onnxruntime-node`.',
      },
    ]);
    expect(stderr).toBe('');
  });
});
