import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listModels, loadModel, openRegistry, pullModel, readModel, registerModel } from '../../src/index';
import type { Registry } from '../../src/registry/Registry';
import { TestVesslPlatform } from '../registry/TestVesslPlatform';
import { ScaleRunner } from './fixtures/scale.runner';
import { makeFolder, removeFolder } from './temporaryFolder';

describe('registerModel against VESSL', () => {
  let folder: string;
  let platform: TestVesslPlatform;
  let registry: Registry;
  beforeAll(async () => {
    folder = await makeFolder();
    platform = await TestVesslPlatform.start();
    registry = openRegistry('vessl://acme', {
      environment: {
        VESSL_API_HOST: platform.origin,
        VESSL_ACCESS_TOKEN: platform.token,
        RUNWRIGHT_CACHE: join(folder, 'blobs'),
      },
    });
    await writeFile(join(folder, 'offset.txt'), '100');
    await writeFile(join(folder, 'other.txt'), '200');
  });
  afterAll(async () => {
    await platform.stop();
    await removeFolder(folder);
  });
  const register = (modelNumber: number | null, modelInstance?: unknown, offset = 'offset.txt') =>
    registerModel({
      repositoryName: 'scale',
      modelNumber,
      runner: ScaleRunner,
      entry: join(__dirname, 'fixtures', 'scale.runner.ts'),
      modelInstance,
      artifacts: { [join(folder, offset)]: 'offset.txt' },
      registry,
    });
  const answer = async (reference: string): Promise<unknown> => {
    const handle = await loadModel(reference, { registry, cache: join(folder, 'cache') });
    try {
      return await handle.run({ value: 2 });
    } finally {
      await handle.close();
    }
  };

  it('gives a number, and the model answers from there', async () => {
    expect(await register(null, { factor: 3 })).toMatchObject({ reference: 'acme/scale:1' });
    const files = platform.files('scale', 1);
    expect(files.get('offset.txt')?.toString()).toBe('100');
    expect(files.get('vessl.manifest.yaml')?.toString()).toContain('  offset.txt: offset.txt\n');
    expect(await answer('scale')).toEqual({ result: 106 });
    expect((await listModels({ registry })).map(({ number }) => number)).toEqual([1]);
    expect(await readModel('scale:1', { registry })).toMatchObject({ reference: 'acme/scale:1' });
  });

  it('keeps the model when the runner alone is registered again, and sends what has changed', async () => {
    const from = platform.requests.length;
    await register(1, undefined, 'other.txt');
    const sent = platform.requests
      .slice(from)
      .filter(({ method, plane }) => method === 'PUT' && plane === 's3');
    expect(sent.some(({ path }) => path.includes('/model/'))).toBe(false);
    expect(await answer('scale:1')).toEqual({ result: 206 });
    const directory = join(folder, 'pulled');
    await pullModel('scale:1', { registry, directory });
    const { digest, history } = await registry.readEntry({ organization: 'acme', repository: 'scale' }, 1);
    expect(history).toHaveLength(1);
    expect(digest).not.toBe(history[0]?.digest);
  });
});
