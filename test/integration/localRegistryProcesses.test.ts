import { randomInt } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hexOf, type Digest } from '../../src/artifact/Digest';
import { digestOf } from '../../src/artifact/digestOf';
import type { ImageIndex } from '../../src/artifact/imageIndex';
import { parseOciManifest } from '../../src/artifact/parseOciManifest';
import { parseReference } from '../../src/artifact/Reference';
import { LocalRegistry } from '../../src/registry/local/LocalRegistry';
import { publishTiny } from '../unit/registry/tinyPackage';
import { compileSources, startRegistryProcess, type RegistryProcess } from './registryProcess';

const name = { organization: 'acme', repository: 'iris' };

describe('the local registry under many processes', () => {
  let home = '';
  let compiled = '';
  let directory = '';
  let layout = '';
  let runs = 0;
  const running = new Set<RegistryProcess>();
  const start = (...args: string[]): RegistryProcess => {
    const started = startRegistryProcess(compiled, args);
    running.add(started);
    void started.ended.then(() => running.delete(started));
    return started;
  };

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-processes-'));
    compiled = join(home, 'compiled');
    compileSources(compiled);
  });
  beforeEach(() => {
    runs += 1;
    directory = join(home, `registry-${runs}`);
    layout = join(directory, 'acme', 'iris');
  });
  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all([...running].map(({ ended }) => ended));
    rmSync(home, { recursive: true });
  });

  /** Blobs that the index reaches; throws when one of them is missing or wrong. */
  function reachable(): Set<string> {
    const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as ImageIndex;
    const reached = new Set<string>();
    const check = (digest: Digest): Buffer => {
      const bytes = readFileSync(join(layout, 'blobs', 'sha256', hexOf(digest)));
      expect(digestOf(bytes)).toBe(digest);
      reached.add(hexOf(digest));
      return bytes;
    };
    for (const { digest } of index.manifests) {
      if (reached.has(hexOf(digest))) continue;
      const { config, layers } = parseOciManifest(check(digest), digest);
      for (const blob of [config, ...layers]) if (!reached.has(hexOf(blob.digest))) check(blob.digest);
    }
    return reached;
  }

  it('gives 16 that publish at once into nothing 16 consecutive numbers', async () => {
    const processes = Array.from({ length: 16 }, () => start('publish', directory, '1'));
    for (const { ended } of processes) expect(await ended).toEqual({ code: 0, stderr: '' });
    const numbers = processes.flatMap(({ lines }) => lines as number[]).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
    const models = await new LocalRegistry({ directory }).listModels();
    expect(models.map(({ number, servable }) => [number, servable])).toEqual(
      numbers.map((number) => [number, true]),
    );
    reachable();
    expect(readdirSync(layout).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect(readdirSync(directory).sort()).toEqual(['acme', 'runwright-registry.json']);
  });

  it('shows readers the old state or the new one, whole', async () => {
    const registry = new LocalRegistry({ directory, defaultOrganization: 'acme' });
    await publishTiny(registry, name, 'first');
    const writers = [start('publish', directory, '25'), start('publish', directory, '25')];
    let over = false;
    void Promise.all(writers.map(({ ended }) => ended)).then(() => (over = true));
    let reads = 0;
    let newest = 1;
    while (!over) {
      const { entry, manifest } = await registry.resolve(parseReference('iris'));
      for (const layer of parseOciManifest(manifest, 'iris').layers) {
        expect(digestOf(readFileSync(registry.blobs(name).localPath(layer) ?? ''))).toBe(layer.digest);
      }
      expect(entry?.number).toBeGreaterThanOrEqual(newest);
      newest = entry?.number ?? 0;
      expect(await registry.listModels()).not.toHaveLength(0);
      reads += 1;
    }
    for (const { ended } of writers) expect(await ended).toEqual({ code: 0, stderr: '' });
    expect(reads).toBeGreaterThan(10);
    expect((await registry.listModels()).map(({ number }) => number)).toEqual(
      Array.from({ length: 51 }, (_, at) => at + 1),
    );
  });

  it('takes the lock from a process that was killed, and from no other', async () => {
    const registry = new LocalRegistry({ directory });
    await registry.createModel(name);
    const holder = start('hold', directory);
    await holder.said(1);
    let done = false;
    const waiting = registry.createModel(name).then(() => (done = true));
    await sleep(300);
    expect(done).toBe(false);
    holder.child.kill('SIGKILL');
    await waiting;
    expect((await registry.listModels()).map(({ number }) => number)).toEqual([1, 2]);
    expect(existsSync(join(layout, '.lock'))).toBe(false);
  });

  it('never lets two in, also when holder after holder dies with the lock', async () => {
    const path = join(home, `count-${runs}`);
    writeFileSync(path, '0');
    const processes = Array.from({ length: 10 }, () => start('count', directory, path, '15'));
    for (const { ended } of processes) expect((await ended).stderr).toBe('');
    const values = processes.flatMap(({ lines }) => lines as number[]).sort((a, b) => a - b);
    expect(values).toEqual(Array.from({ length: 150 }, (_, at) => at + 1));
    expect(readFileSync(path, 'utf8')).toBe('150');
  });

  it('is whole after each of 64 kills at random moments, and clean after the next publication', async () => {
    const registry = new LocalRegistry({ directory, defaultOrganization: 'acme' });
    const file = join(home, 'weights.bin');
    writeFileSync(file, Buffer.alloc(1_500_000, 'w'));
    const known = new Map<number, Set<string>>();
    let leftovers = 0;
    let acknowledged = 0;
    for (let round = 0; round < 16; round += 1) {
      const processes = Array.from({ length: 4 }, () => start('churn', directory, file));
      await Promise.all(processes.map((each) => each.said(1 + randomInt(3))));
      for (const { child } of processes) {
        await sleep(randomInt(25));
        child.kill('SIGKILL');
      }
      for (const { ended } of processes) expect((await ended).stderr).toBe('');
      if (readdirSync(layout).some((entry) => entry.startsWith('.'))) leftovers += 1;

      const models = await registry.listModels();
      expect(models.map(({ number }) => number)).toEqual(models.map((_, at) => at + 1));
      for (const line of processes.flatMap(({ lines }) => lines)) {
        if (typeof line !== 'object' || line === null) continue;
        const { number, digest } = line as { number: number; digest?: string };
        acknowledged += 1;
        const digests = known.get(number) ?? new Set();
        known.set(number, digest === undefined ? digests : digests.add(digest));
      }
      // What was said to be done is done, and stays.
      for (const [number, digests] of known) {
        const entry = models[number - 1];
        const kept = [entry?.digest, ...(entry?.history ?? []).map((former) => former.digest)];
        expect(kept).toEqual(expect.arrayContaining([...digests]));
      }
      if (models.length > 0) reachable();
    }
    expect(acknowledged).toBeGreaterThan(32);
    expect(leftovers).toBeGreaterThan(8);

    const { number } = await publishTiny(registry, name, 'last');
    expect(number).toBe((await registry.listModels()).length);
    expect(readdirSync(layout).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    const left = readdirSync(join(layout, 'blobs', 'sha256')).filter((blob) => !reachable().has(blob));
    // The two blobs of reservations go only when a clean-up finds no reserved number.
    expect(left.length).toBeLessThanOrEqual(2);
    await registry.resolve(parseReference('iris'));
  }, 300_000);

  it.skipIf(process.platform === 'win32')('says which folder this user may not write', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'runwright-readonly-'));
    try {
      await new LocalRegistry({ directory: join(shared, 'registry') }).createModel(name);
      mkdirSync(join(shared, 'empty'));
      chmodSync(join(shared, 'empty'), 0o555);
      chmodSync(join(shared, 'registry', 'acme', 'iris'), 0o555);
      chmodSync(shared, 0o755);
      chmodSync(home, 0o755);
      // The superuser may write everywhere.
      const options = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
      for (const [folder, listed] of [
        ['registry', 1],
        ['empty', 0],
      ] as const) {
        const refused = startRegistryProcess(compiled, ['refused', join(shared, folder)], options);
        expect(await refused.ended).toEqual({ code: 0, stderr: '' });
        const refusal = {
          code: 'RW_IO',
          where: expect.stringContaining(join(shared, folder)),
          what: expect.stringContaining('EACCES'),
          hint: expect.stringContaining('right'),
        };
        expect(refused.lines).toEqual([refusal, refusal, { listed }]);
      }
    } finally {
      chmodSync(join(shared, 'registry', 'acme', 'iris'), 0o755);
      rmSync(shared, { recursive: true });
    }
  });
});
