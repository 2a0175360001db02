import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseReference } from '../../src/artifact/Reference';
import { LocalRegistry } from '../../src/registry/local/LocalRegistry';
import { listPaths, publishTiny } from '../unit/registry/tinyPackage';
import { canMount, mountDisk, unmountDisk } from './smallDisk';

const name = { organization: 'acme', repository: 'iris' };

const title = 'the local registry on a disk of its own';
const allowed = canMount();

describe.skipIf(!allowed)(allowed ? title : `${title} (skipped: this user may not mount)`, () => {
  let disk = '';
  let registry = new LocalRegistry({ directory: '.' });
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'runwright-disk-'));
    mountDisk(disk, 'size=2m', 'nr_inodes=120');
    registry = new LocalRegistry({ directory: join(disk, 'registry'), defaultOrganization: 'acme' });
  });
  afterEach(() => {
    unmountDisk(disk);
    rmdirSync(disk);
  });

  it('says that the disk is full, leaves nothing, and goes on when there is room', async () => {
    const first = await publishTiny(registry, name, 'one');
    const before = listPaths(disk);
    const publication = await registry.publish(name);
    const large = join(mkdtempSync(join(tmpdir(), 'runwright-large-')), 'weights.bin');
    writeFileSync(large, Buffer.alloc(4_000_000, 'w'));
    try {
      await expect(publication.putFile(large)).rejects.toMatchObject({
        code: 'RW_IO',
        where: expect.stringContaining(disk),
        what: expect.stringContaining('ENOSPC'),
        hint: expect.stringContaining('Free some space'),
      });
      expect(listPaths(disk).filter((path) => path.includes('blob-'))).toEqual([]);
    } finally {
      await publication.abandon();
      rmSync(join(large, '..'), { recursive: true });
    }
    expect(listPaths(disk)).toEqual(before);
    expect(await registry.listModels()).toEqual([first]);
    expect((await publishTiny(registry, name, 'two')).number).toBe(2);
  });

  /** Takes all of the disk but `free` pages or files, outside the registry's folder; gives it back. */
  const fill = (what: 'pages' | 'files', free: number): (() => void) => {
    const filler = join(disk, 'filler');
    const { bavail, ffree } = statfsSync(disk);
    if (what === 'pages') writeFileSync(filler, Buffer.alloc((bavail - free) * 4096));
    else {
      mkdirSync(filler);
      for (let left = ffree - 1; left > free; left -= 1) writeFileSync(join(filler, String(left)), '');
    }
    return () => rmSync(filler, { recursive: true });
  };
  const registryPaths = () => listPaths(disk).filter((path) => !path.startsWith('filler'));

  it.each([
    ['an empty registry', 0, 'pages'],
    ['a registry with models', 3, 'pages'],
    ['an empty registry', 0, 'files'],
    ['a registry with models', 3, 'files'],
  ] as const)(
    'changes %s (%i) wholly or not at all, wherever it runs out of %s',
    async (_name, models, what) => {
      for (let model = 0; model < models; model += 1) await publishTiny(registry, name, `model ${model}`);
      const outcomes = new Set<string>();
      for (let free = 0; free < 40 && !outcomes.has('published'); free += 1) {
        const empty = fill(what, free);
        const before = { paths: registryPaths(), models: await registry.listModels() };
        const outcome = await publishTiny(registry, name, `with ${free} free`).then(
          () => 'published',
          (error: unknown) => (error as { code: string }).code,
        );
        outcomes.add(outcome);
        empty();
        if (outcome === 'published') break;
        const expected = new Set([...before.paths, 'registry', 'registry/runwright-registry.json']);
        expect(registryPaths().filter((path) => !expected.has(path))).toEqual([]);
        expect(await registry.listModels()).toEqual(before.models);
      }
      expect([...outcomes]).toEqual(['RW_IO', 'published']);
      const numbers = (await registry.listModels()).map(({ number }) => number);
      expect(numbers).toEqual(Array.from({ length: models + 1 }, (_, at) => at + 1));
      await registry.resolve(parseReference('iris'));
      expect(readdirSync(join(disk, 'registry', 'acme', 'iris')).sort()).toEqual([
        'blobs',
        'index.json',
        'oci-layout',
      ]);
    },
  );

  it('can be read when it is mounted read-only, and says so when it is to be written', async () => {
    const first = await publishTiny(registry, name, 'one');
    expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
    expect(await registry.listModels()).toEqual([first]);
    const { manifest } = await registry.resolve(parseReference('iris'));
    expect(readFileSync(join(disk, 'registry/acme/iris/index.json'), 'utf8')).toContain(String(first.digest));
    expect(manifest.length).toBeGreaterThan(0);
    const refusal = {
      code: 'RW_IO',
      where: expect.stringContaining(disk),
      what: expect.stringContaining('EROFS'),
      hint: expect.stringContaining('read-only'),
    };
    await expect(registry.createModel(name)).rejects.toMatchObject(refusal);
    await expect(registry.publish({ organization: 'acme', repository: 'new' })).rejects.toMatchObject(
      refusal,
    );
    await expect(registry.setAlias(name, 'stable', 1)).rejects.toMatchObject(refusal);
  });
});
