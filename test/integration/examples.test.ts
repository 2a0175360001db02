import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listModels, pullModel } from '../../src/index';
import { makeFolder, removeFolder } from './temporaryFolder';

const run = promisify(execFile);
const root = join(__dirname, '../..');

let folder: string;
let registry: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await makeFolder();
  registry = join(folder, 'registry');
  env = { ...process.env, RUNWRIGHT_REGISTRY: registry, RUNWRIGHT_CACHE: join(folder, 'cache') };
});
afterAll(() => removeFolder(folder));

describe('examples/iris', () => {
  it(
    'trains, registers, serves from another process, and answers every test row',
    { timeout: 120_000 },
    async () => {
      const { stdout, stderr } = await run(
        process.execPath,
        [join(root, 'build/examples/iris/demo.js'), '--json'],
        { env },
      );
      const [model] = await listModels({ registry });
      const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
      expect(result).toEqual({
        accuracy: expect.any(Number),
        requests: 45,
        errors: 0,
        number: 1,
        digest: model?.digest,
        reference: 'default/iris:1',
      });
      // What chance gives is a third; the split and the seed are fixed, so this is no matter of luck.
      expect(result['accuracy']).toBeGreaterThan(0.9);
      expect(stderr).toMatch(/versicolor +\d+ +\d+ +\d+/);
      expect(stderr).toContain('"code": "RW_INPUT_INVALID"');
      // Nothing is left running: the address that it served on refuses.
      const url = /http:\/\/\S+/.exec(stderr)?.[0] ?? '';
      await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    },
  );
});

describe('examples/digits', () => {
  it(
    'keeps typed arrays through the default saver, and training data as artifacts',
    { timeout: 120_000 },
    async () => {
      const module = pathToFileURL(join(root, 'build/examples/digits/register.js')).href;
      const call = `const { registerDigits } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify(await registerDigits({ registry: process.env.RUNWRIGHT_REGISTRY, known: 200, held: 20 })));`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', call], { env });
      const { accuracy, requests, reference } = JSON.parse(stdout) as {
        accuracy: number;
        requests: number;
        reference: string;
      };
      expect(requests).toBe(200);
      expect(accuracy).toBeGreaterThan(0.9);
      const { directory } = await pullModel(reference, { registry, directory: join(folder, 'digits') });
      expect(await readdir(join(directory, 'training'))).toHaveLength(10);
      expect((await readdir(join(directory, 'model'))).sort()).toEqual([
        'model.0.bin',
        'model.1.bin',
        'model.json',
      ]);
    },
  );
});
