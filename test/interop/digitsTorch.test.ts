import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listModels } from '../../src/index';
import { makeFolder, removeFolder } from '../integration/temporaryFolder';
import { requireProgram } from './requireProgram';

const run = promisify(execFile);
const root = join(__dirname, '../..');
const PYTHON = process.env.RUNWRIGHT_PYTHON ?? '/usr/bin/python3';

requireProgram(
  PYTHON,
  ['-c', 'import torch'],
  `torch of ${PYTHON} (RUNWRIGHT_PYTHON)`,
)('examples/digits-torch', () => {
  let folder: string;
  let registry: string;
  beforeAll(async () => {
    folder = await makeFolder();
    registry = join(folder, 'registry');
  });
  afterAll(() => removeFolder(folder));

  it(
    'trains in torch, and answers every test digit as torch itself does, without Python',
    { timeout: 300_000 },
    async () => {
      const env = {
        ...process.env,
        RUNWRIGHT_PYTHON: PYTHON,
        RUNWRIGHT_REGISTRY: registry,
        RUNWRIGHT_CACHE: join(folder, 'cache'),
      };
      const { stdout, stderr } = await run(
        process.execPath,
        [join(root, 'build/examples/digits-torch/demo.js'), '--json'],
        { env },
      );
      const { torchAccuracy, ...result } = JSON.parse(stdout) as { torchAccuracy: number };
      const [model] = await listModels({ registry });
      expect(result).toEqual({
        accuracy: torchAccuracy,
        same: 600,
        requests: 600,
        errors: 0,
        number: 1,
        digest: model?.digest,
        reference: 'default/digits-torch:1',
      });
      expect(torchAccuracy).toBeGreaterThan(0.9);
      // Nothing is left running: the address that it served on refuses.
      const url = /http:\/\/\S+/.exec(stderr)?.[0] ?? '';
      await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    },
  );
});
