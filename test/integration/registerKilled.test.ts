import 'reflect-metadata';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from '../../src/artifact/Digest';
import type { ImageIndex } from '../../src/artifact/imageIndex';
import type { OciManifest } from '../../src/artifact/OciManifest';
import { listModels, loadModel } from '../../src/index';
import { makeProject, startRegistering } from './registerProcess';
import { makeFolder, removeFolder } from './temporaryFolder';

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await makeFolder();
  project = await makeProject(join(folder, 'project'));
});
afterAll(() => removeFolder(folder));

/** Fewer while one tries something out. */
const KILLS = Number(process.env['RUNWRIGHT_KILLS'] ?? 200);

describe('registration', () => {
  // Two at a time, each in a registry of its own: the machine has two cores.
  it(
    `killed with SIGKILL at ${KILLS} random moments never leaves a registry that lists what cannot be loaded`,
    { timeout: 900_000 },
    async () => {
      await Promise.all(['a', 'b'].map((name) => killAndLook(join(folder, name), KILLS / 2)));
    },
  );

  it('by 16 processes at once gives 16 different, consecutive numbers', { timeout: 300_000 }, async () => {
    const registry = join(folder, 'together');
    const children = Array.from({ length: 16 }, () =>
      startRegistering(project, { registry, repository: 'scale', count: 1 }),
    );
    const numbers = await Promise.all(
      children.map(async (child) => {
        const given: number[] = [];
        child.on('message', (message) => typeof message === 'number' && given.push(message));
        const [code] = (await once(child, 'exit')) as [number];
        expect(code).toBe(0);
        return given;
      }),
    );
    expect(numbers.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
    const models = await listModels({ registry });
    expect(models.map(({ number, servable }) => [number, servable])).toEqual(
      Array.from({ length: 16 }, (_, at) => [at + 1, true]),
    );
  });
});

/** How long one registration takes here and now, in milliseconds, from the moment when the process is ready. */
async function timeOne(registry: string): Promise<number> {
  const child = startRegistering(project, { registry, repository: 'scale', count: 1 });
  await once(child, 'message');
  const start = performance.now();
  await once(child, 'exit');
  return performance.now() - start;
}

async function killAndLook(registry: string, kills: number): Promise<void> {
  const given = new Set<number>();
  let looked = 0;
  // Spread over the whole of a registration as long as it takes on this machine, and into the next one.
  const longest = 2 * (await timeOne(registry));
  for (let kill = 0; kill < kills; kill += 1) {
    const child = startRegistering(project, { registry, repository: 'scale', count: 1000 });
    child.on('message', (message) => typeof message === 'number' && given.add(message));
    await once(child, 'message');
    const exited = once(child, 'exit');
    setTimeout(() => child.kill('SIGKILL'), Math.random() * longest);
    await exited;
    const models = await listModels({ registry });
    expect(models.map(({ number }) => number)).toEqual(models.map((_, at) => at + 1));
    for (const { number, servable } of models.slice(looked)) {
      expect(servable).toBe(true);
      const handle = await loadModel(`scale:${number}`, { registry, cache: join(folder, 'cache') });
      expect(await handle.run({ value: 0 })).toEqual({ result: 0 });
      await handle.close();
    }
    looked = models.length;
    // A number that a process was told is never lost.
    for (const number of given) expect(number).toBeLessThanOrEqual(models.length);
  }
  expect(looked, 'some registrations got through').toBeGreaterThan(kills / 10);

  // One more registration cleans up what all the killed ones left.
  const last = startRegistering(project, { registry, repository: 'scale', count: 1 });
  expect(await once(last, 'exit')).toEqual([0, null]);
  const repository = join(registry, 'default/scale');
  expect((await readdir(repository)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  expect(await readdir(join(repository, 'blobs'))).toEqual(['sha256']);
  const reached = await reachedBlobs(repository);
  expect((await readdir(join(repository, 'blobs/sha256'))).sort()).toEqual([...reached].sort());
  expect((await readdir(registry)).sort()).toEqual(['default', 'runwright-registry.json']);
  expect(await readdir(join(registry, 'default'))).toEqual(['scale']);
}

/** File names of the manifests that the index names, and of every blob that these name. */
async function reachedBlobs(repository: string): Promise<Set<string>> {
  const readJson = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(repository, name), 'utf8'));
  const { manifests } = (await readJson('index.json')) as ImageIndex;
  const reached = new Set<string>();
  for (const entry of manifests) {
    const { config, layers } = (await readJson(`blobs/sha256/${hexOf(entry.digest)}`)) as OciManifest;
    for (const { digest } of [entry, config, ...layers]) reached.add(hexOf(digest));
  }
  return reached;
}
