import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { MEDIA_TYPES } from '../../../../src/artifact/mediaTypes';
import { blobPath } from '../../../../src/artifact/ociLayout';
import { parseOciManifest } from '../../../../src/artifact/parseOciManifest';
import { parseReference } from '../../../../src/artifact/Reference';
import { LocalRegistry } from '../../../../src/registry/local/LocalRegistry';
import type { ImageIndex } from '../../../../src/artifact/imageIndex';
import { listPaths, publishTiny } from '../tinyPackage';

const iris = { organization: 'acme', repository: 'iris' };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('LocalRegistry', () => {
  let folder = '';
  let registry = new LocalRegistry({ directory: '.' });
  const indexOf = (): ImageIndex =>
    JSON.parse(readFileSync(join(folder, 'acme/iris/index.json'), 'utf8')) as ImageIndex;
  const resolve = (reference: string) => registry.resolve(parseReference(reference));

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'runwright-registry-')), 'registry');
    registry = new LocalRegistry({ directory: folder, defaultOrganization: 'acme' });
  });
  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true });
  });

  it('is empty, and writes nothing, until something is written', async () => {
    expect(await registry.listModels()).toEqual([]);
    await expect(resolve('iris')).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    await expect(registry.setAlias(iris, 'stable', 1)).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    expect(readdirSync(join(folder, '..'))).toEqual([]);
  });

  it('gives numbers in order, reserved and registered', async () => {
    expect(await registry.createModel(iris)).toEqual({
      ...iris,
      number: 1,
      digest: null,
      servable: false,
      registeredAt: null,
      aliases: [],
      history: [],
    });
    const second = await publishTiny(registry, iris, 'two');
    expect(second).toMatchObject({ number: 2, servable: true, registeredAt: expect.stringMatching(ISO) });
    expect((await registry.createModel(iris)).number).toBe(3);
    expect((await registry.listModels()).map(({ number, servable }) => [number, servable])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
    expect(await registry.readEntry(iris, 2)).toEqual(second);
    expect(readFileSync(join(folder, 'runwright-registry.json'), 'utf8')).toBe('{"formatVersion":1}\n');
  });

  it('is an OCI image layout with read-only blobs and nothing else', async () => {
    const { digest } = await publishTiny(registry, iris, 'weights');
    const layout = join(folder, 'acme', 'iris');
    expect(readdirSync(layout).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect(JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    expect(indexOf()).toMatchObject({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.index,
      manifests: [
        {
          mediaType: MEDIA_TYPES.manifest,
          artifactType: MEDIA_TYPES.modelManifest,
          digest,
          annotations: { 'org.opencontainers.image.ref.name': '1' },
        },
      ],
    });
    const blobs = readdirSync(join(layout, 'blobs/sha256'));
    expect(blobs).toHaveLength(3);
    for (const name of blobs) {
      const path = join(layout, 'blobs/sha256', name);
      expect(digestOf(readFileSync(path))).toBe(`sha256:${name}`);
      expect(statSync(path).mode & 0o222).toBe(0);
      expect(statSync(path).nlink).toBe(1);
    }
  });

  it('gives the blobs of a package', async () => {
    await publishTiny(registry, iris, 'weights');
    const { manifest } = await resolve('iris');
    const [layer] = parseOciManifest(manifest, 'iris').layers;
    if (layer === undefined) throw new Error('the package has a layer');
    const blobs = registry.blobs(iris);
    expect(await text(await blobs.stream(layer))).toBe('weights');
    expect(blobs.localPath(layer)).toBe(blobPath(join(folder, 'acme', 'iris'), layer.digest));
  });

  it('lists by organization, repository and number', async () => {
    for (const repository of ['b', 'a']) {
      for (const organization of ['z', 'acme']) await registry.createModel({ organization, repository });
    }
    await registry.createModel({ organization: 'acme', repository: 'b' });
    const names = async (filter?: { organization?: string; repository?: string }) =>
      (await registry.listModels(filter)).map(
        (model) => `${model.organization}/${model.repository}:${model.number}`,
      );
    expect(await names()).toEqual(['acme/a:1', 'acme/b:1', 'acme/b:2', 'z/a:1', 'z/b:1']);
    expect(await names({ organization: 'z' })).toEqual(['z/a:1', 'z/b:1']);
    expect(await names({ repository: 'b' })).toEqual(['acme/b:1', 'acme/b:2', 'z/b:1']);
    expect(await names({ organization: 'acme', repository: 'a' })).toEqual(['acme/a:1']);
    expect(await names({ organization: 'none' })).toEqual([]);
  });

  it('lists thousands of numbers', async () => {
    await publishTiny(registry, iris, 'weights');
    const index = indexOf();
    const [entry] = index.manifests;
    if (entry === undefined) throw new Error('the index has an entry');
    const manifests = Array.from({ length: 5000 }, (_, at) => ({
      ...entry,
      annotations: { ...entry.annotations, 'org.opencontainers.image.ref.name': String(5000 - at) },
    }));
    writeFileSync(join(folder, 'acme/iris/index.json'), JSON.stringify({ ...index, manifests }));
    const models = await registry.listModels();
    expect(models.map(({ number }) => number)).toEqual(Array.from({ length: 5000 }, (_, at) => at + 1));
    expect((await publishTiny(registry, iris, 'next')).number).toBe(5001);
  });

  describe('registering onto a number', () => {
    it('moves it in one step and keeps what it pointed at, the latest first', async () => {
      await registry.createModel(iris);
      const one = await publishTiny(registry, iris, 'one', { number: 1 });
      const two = await publishTiny(registry, iris, 'two', { number: 1 });
      const three = await publishTiny(registry, iris, 'three', { number: 1 });
      expect(three).toMatchObject({ number: 1, servable: true });
      expect(three.history.map(({ digest }) => digest)).toEqual([two.digest, one.digest]);
      expect(three.history[0]?.supersededAt).toBe(three.registeredAt);
      expect(three.history[1]?.supersededAt).toBe(two.registeredAt);
      expect(await registry.listModels()).toEqual([three]);
      const old = await resolve(`iris@${one.digest}`);
      expect(old).toMatchObject({ entry: null, digest: one.digest });
      expect(digestOf(old.manifest)).toBe(one.digest);
    });

    it('changes nothing when it is the same package again', async () => {
      const first = await publishTiny(registry, iris, 'same');
      const before = readFileSync(join(folder, 'acme/iris/index.json'));
      expect(await publishTiny(registry, iris, 'same', { number: 1 })).toEqual(first);
      expect(readFileSync(join(folder, 'acme/iris/index.json')).equals(before)).toBe(true);
    });

    it('goes back and forth between packages', async () => {
      const a = await publishTiny(registry, iris, 'a');
      const b = await publishTiny(registry, iris, 'b', { number: 1 });
      const again = await publishTiny(registry, iris, 'a', { number: 1 });
      expect(again.digest).toBe(a.digest);
      expect(again.history.map(({ digest }) => digest)).toEqual([b.digest, a.digest]);
    });

    it('takes the aliases of the number along, and of no other number with the same package', async () => {
      await publishTiny(registry, iris, 'same');
      await publishTiny(registry, iris, 'same');
      await registry.setAlias(iris, 'one', 1);
      await registry.setAlias(iris, 'two', 2);
      const moved = await publishTiny(registry, iris, 'other', { number: 1 });
      expect(moved.aliases).toEqual(['one']);
      expect((await resolve('iris:one')).digest).toBe(moved.digest);
      expect((await resolve('iris:two')).entry).toMatchObject({ number: 2, aliases: ['two'] });
      const tagged = indexOf().manifests.find(
        (entry) => entry.annotations?.['org.opencontainers.image.ref.name'] === 'one',
      );
      expect(tagged?.digest).toBe(moved.digest);
    });

    it('refuses a number that does not exist', async () => {
      await publishTiny(registry, iris, 'one');
      await expect(publishTiny(registry, iris, 'two', { number: 7 })).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
        where: 'acme/iris:7',
        hint: expect.stringContaining('newest number is 1'),
      });
      expect(await registry.listModels()).toHaveLength(1);
    });

    it('compares what the number points at, when told', async () => {
      await registry.createModel(iris);
      const one = await publishTiny(registry, iris, 'one', { number: 1, expectedDigest: null });
      const wrong = digestOf(Buffer.from('x'));
      await expect(
        publishTiny(registry, iris, 'two', { number: 1, expectedDigest: null }),
      ).rejects.toMatchObject({
        code: 'RW_MODEL_CONFLICT',
        what: expect.stringContaining(String(one.digest)),
      });
      await expect(
        publishTiny(registry, iris, 'two', { number: 1, expectedDigest: wrong }),
      ).rejects.toMatchObject({
        code: 'RW_MODEL_CONFLICT',
        what: expect.stringMatching(new RegExp(`${one.digest}.*${wrong}`)),
      });
      expect(await registry.readEntry(iris, 1)).toEqual(one);
      const two = await publishTiny(registry, iris, 'two', { number: 1, expectedDigest: one.digest });
      expect(two.history.map(({ digest }) => digest)).toEqual([one.digest]);
    });
  });

  describe('aliases', () => {
    it('move, and stand beside others', async () => {
      await publishTiny(registry, iris, 'one');
      await publishTiny(registry, iris, 'two');
      await registry.setAlias(iris, 'stable', 1);
      await registry.setAlias(iris, 'best', 1);
      expect((await registry.readEntry(iris, 1)).aliases).toEqual(['best', 'stable']);
      expect(await registry.setAlias(iris, 'stable', 2)).toMatchObject({ number: 2, aliases: ['stable'] });
      expect((await registry.readEntry(iris, 1)).aliases).toEqual(['best']);
      expect(readdirSync(join(folder, 'acme', 'iris')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    });

    it('point at no number that cannot be loaded or does not exist', async () => {
      await registry.createModel(iris);
      await expect(registry.setAlias(iris, 'stable', 1)).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_SERVABLE',
      });
      await expect(registry.setAlias(iris, 'stable', 2)).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
      });
      for (const alias of ['7', '', '-x', 'a b', 'a/b', 'x'.repeat(129)]) {
        await expect(registry.setAlias(iris, alias, 1)).rejects.toMatchObject({
          code: 'RW_REFERENCE_INVALID',
        });
      }
    });
  });

  describe('resolve', () => {
    it('finds the newest with a package, a number, an alias, a digest', async () => {
      const one = await publishTiny(registry, iris, 'one');
      const two = await publishTiny(registry, iris, 'two');
      await registry.createModel(iris);
      await registry.setAlias(iris, 'stable', 1);
      const withAlias = { ...one, aliases: ['stable'] };
      expect(await resolve('iris')).toMatchObject({ ...iris, entry: two, digest: two.digest });
      expect(await resolve('acme/iris:1')).toMatchObject({ entry: withAlias, digest: one.digest });
      expect(await resolve('iris:stable')).toMatchObject({ entry: withAlias, digest: one.digest });
      expect(await resolve(`iris@${two.digest}`)).toMatchObject({ entry: two, digest: two.digest });
      expect(await resolve(`iris:2@${two.digest}`)).toMatchObject({ entry: two, digest: two.digest });
      expect(digestOf((await resolve('iris')).manifest)).toBe(two.digest);
    });

    it('finds a former package of a number, and says what the number points at now', async () => {
      const one = await publishTiny(registry, iris, 'one');
      const two = await publishTiny(registry, iris, 'two', { number: 1 });
      const other = await publishTiny(registry, iris, 'other');
      expect(await resolve(`iris:1@${one.digest}`)).toMatchObject({ entry: two, digest: one.digest });
      await expect(resolve(`iris:1@${other.digest}`)).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
        what: expect.stringContaining(String(two.digest)),
      });
      await expect(resolve(`iris@${digestOf(Buffer.from('x'))}`)).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
      });
    });

    it('tells reserved from absent', async () => {
      await registry.createModel(iris);
      await expect(resolve('iris')).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_SERVABLE',
        where: 'acme/iris',
      });
      await expect(resolve('iris:1')).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_SERVABLE',
        where: 'acme/iris:1',
      });
      const [reservation] = indexOf().manifests;
      await expect(resolve(`iris@${reservation?.digest}`)).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
      });
      await expect(registry.readEntry(iris, 2)).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    });

    it('names what there is instead', async () => {
      await publishTiny(registry, iris, 'one');
      await publishTiny(registry, { organization: 'acme', repository: 'digits' }, 'one');
      await publishTiny(registry, { organization: 'other', repository: 'wine' }, 'one');
      await registry.setAlias(iris, 'stable', 1);
      await expect(resolve('irsi')).rejects.toMatchObject({
        code: 'RW_MODEL_NOT_FOUND',
        where: 'acme/irsi',
        hint: expect.stringMatching(/^There is acme\/iris/),
      });
      await expect(resolve('wine')).rejects.toMatchObject({
        hint: expect.stringMatching(/^There is other\/wine/),
      });
      await expect(resolve('iris:stabel')).rejects.toMatchObject({ hint: expect.stringContaining('stable') });
      await expect(resolve('iris:9')).rejects.toMatchObject({
        hint: expect.stringContaining('newest number is 1'),
      });
    });
  });

  it('keeps what other tools have put into the index', async () => {
    await publishTiny(registry, iris, 'one');
    const index = indexOf();
    const [entry] = index.manifests;
    if (entry === undefined) throw new Error('the index has an entry');
    const foreign = { ...entry, annotations: { 'org.opencontainers.image.ref.name': 'theirs' } };
    writeFileSync(
      join(folder, 'acme/iris/index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [foreign, ...index.manifests], annotations: { a: 'b' } }),
    );
    await publishTiny(registry, iris, 'two');
    expect(indexOf().manifests).toContainEqual(foreign);
    expect(indexOf().annotations).toEqual({ a: 'b' });
    expect((await registry.listModels()).map(({ number }) => number)).toEqual([1, 2]);
  });

  it.each(['../x', '..', '', 'Iris', 'a/b', 'a:1', '.staging'])('refuses the name "%s"', async (bad) => {
    mkdirSync(folder);
    for (const name of [
      { organization: bad, repository: 'x' },
      { organization: 'x', repository: bad },
    ]) {
      await expect(registry.createModel(name)).rejects.toMatchObject({ code: 'RW_REFERENCE_INVALID' });
      await expect(registry.listModels(name)).rejects.toMatchObject({ code: 'RW_REFERENCE_INVALID' });
      expect(() => registry.blobs(name)).toThrow(expect.objectContaining({ code: 'RW_REFERENCE_INVALID' }));
    }
    expect(listPaths(folder)).toEqual([]);
  });
});
