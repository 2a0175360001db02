import { mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pack } from '../../../src/packer/package/pack';
import { pullModel } from '../../../src/registrar/pullModel';
import { LocalRegistry } from '../../../src/registry/local/LocalRegistry';

const anything = { type: 'unvalidated', kind: 'unvalidated', explicit: true, schema: {} } as const;
const parts = ['code', 'model', 'runwright.json'];

describe('pullModel', () => {
  let folder: string;
  let registry: LocalRegistry;
  let target: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'runwright-test-')));
    target = join(folder, 'target');
    registry = new LocalRegistry({ directory: join(folder, 'registry') });
    await writeFile(join(folder, 'weights'), 'weights');
    const publication = await registry.publish({ organization: 'default', repository: 'tiny' });
    const { manifest } = await pack(
      {
        runner: {
          name: 'tiny',
          description: null,
          className: 'Tiny',
          export: 'Tiny',
          stages: { predict: { method: 'predict', static: false } },
          batch: null,
          stream: false,
          input: anything,
          output: anything,
        },
        code: new Map([['index.mjs', Buffer.from('export {}')]]),
        model: { format: 'user-defined', props: {} },
        files: [{ source: join(folder, 'weights'), path: 'model/weights', executable: false, size: 7 }],
        artifacts: [],
        requirements: { packages: [], lock: null },
      },
      publication,
    );
    await publication.commit({ manifest, number: null });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const pull = (directory: string, signal?: AbortSignal) =>
    pullModel('tiny:1', { registry, directory, signal });

  it('makes the folder, or fills the one that is there', async () => {
    await pull(target);
    expect((await readdir(target)).sort()).toEqual(parts);
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const { ino } = await stat(empty);
    expect(await pull(empty)).toMatchObject({ directory: empty });
    expect((await readdir(empty)).sort()).toEqual(parts);
    // Somebody may stand in it.
    expect((await stat(empty)).ino).toBe(ino);
    await expect(pull(empty)).rejects.toMatchObject({ code: 'RW_OPTION_INVALID', where: empty });
  });

  it('follows a link to an empty folder', async () => {
    await mkdir(target);
    const link = join(folder, 'link');
    await symlink(target, link, 'junction');
    await pull(link);
    expect((await readdir(target)).sort()).toEqual(parts);
  });

  it.each([true, false])(
    'leaves nothing when it fails or is stopped (folder is there: %s)',
    async (isThere) => {
      if (isThere) await mkdir(target);
      const untouched = async () =>
        expect(await readdir(target).catch(() => 'absent')).toEqual(isThere ? [] : 'absent');
      await expect(pull(target, AbortSignal.abort())).rejects.toMatchObject({ code: 'RW_ABORTED' });
      await untouched();
      const blobs = join(folder, 'registry/default/tiny/blobs/sha256');
      const sizes = await Promise.all(
        (await readdir(blobs)).map(async (name) => ({ name, size: (await stat(join(blobs, name))).size })),
      );
      for (const { name, size } of sizes) if (size === 7) await rm(join(blobs, name));
      await expect(pull(target)).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT', what: 'it is missing' });
      await untouched();
    },
  );

  it.each<[unknown, string]>([
    [undefined, 'pullModel'],
    [{}, 'pullModel, option `directory`'],
    [{ directory: 5 }, 'pullModel, option `directory`'],
    [{ directory: 'x', output: 'x' }, 'pullModel, option `output`'],
    [{ directory: 'x', signal: 1 }, 'pullModel, option `signal`'],
  ])('refuses the options %j by name', async (options, where) => {
    await expect(pullModel('tiny:1', options as never)).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
      where,
    });
  });

  it('refuses a file', async () => {
    await expect(pull(join(folder, 'weights'))).rejects.toMatchObject({ code: 'RW_IO' });
  });
});
