import 'reflect-metadata';
import { chmod, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadModel, registerModel, type RegisteredModel } from '../../src/index';
import { ScaleRunner } from './fixtures/scale.runner';
import { makeFolder, removeFolder } from './temporaryFolder';

let folder: string;
let registry: string;
beforeEach(async () => {
  folder = await makeFolder();
  registry = join(folder, 'registry');
  await writeFile(join(folder, 'offset.txt'), '100');
});
afterEach(() => removeFolder(folder));

const register = (): Promise<RegisteredModel> =>
  registerModel({
    repositoryName: 'scale',
    modelNumber: null,
    runner: ScaleRunner,
    entry: join(__dirname, 'fixtures/scale.runner.ts'),
    modelInstance: { factor: 3 },
    artifacts: { [join(folder, 'offset.txt')]: 'offset.txt' },
    registry,
  });

/** A cache of its own for each, as on another machine: a folder that was opened before would not be made of the blobs. */
let caches = 0;
const answer = async (reference: string): Promise<unknown> => {
  const handle = await loadModel(reference, { registry, cache: join(folder, `cache ${(caches += 1)}`) });
  try {
    return await handle.run({ value: 2 });
  } finally {
    await handle.close();
  }
};

/** Flips one bit in the middle: size and name stay. */
async function flip(path: string): Promise<void> {
  await chmod(path, 0o644);
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size >> 1);
  byte.writeUInt8(byte.readUInt8(0) ^ 1, 0);
  await file.write(byte, 0, 1, size >> 1);
  await file.close();
}

describe('a registry whose disk has flipped bits', () => {
  it('is put right by registering the model again, for the old number too', async () => {
    await register();
    const blobs = join(registry, 'default/scale/blobs/sha256');
    const names = await readdir(blobs);
    for (const name of names) await flip(join(blobs, name));
    await expect(answer('scale:1')).rejects.toMatchObject({
      code: 'RW_PACKAGE_CORRUPT',
      hint: expect.stringMatching(/register the (model|package) again/i),
    });

    expect((await register()).number).toBe(2);
    expect(await answer('scale:2')).toEqual({ result: 106 });
    expect(await answer('scale:1')).toEqual({ result: 106 });
    expect(await readdir(blobs)).toEqual(names);
  });
});
