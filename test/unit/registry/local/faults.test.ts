import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hexOf } from '../../../../src/artifact/Digest';
import { parseReference } from '../../../../src/artifact/Reference';
import { LocalRegistry } from '../../../../src/registry/local/LocalRegistry';
import { publishTiny } from '../tinyPackage';

const iris = { organization: 'acme', repository: 'iris' };

describe('a local registry that is not in order', () => {
  let home = '';
  let folder = '';
  let registry = new LocalRegistry({ directory: '.' });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-faults-'));
    folder = join(home, 'registry');
    registry = new LocalRegistry({ directory: folder, defaultOrganization: 'acme' });
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  const everything = () => [
    registry.listModels(),
    registry.resolve(parseReference('iris')),
    registry.createModel(iris),
    registry.publish(iris),
    registry.setAlias(iris, 'stable', 1),
  ];
  const expectAll = async (error: Record<string, unknown>) => {
    for (const result of await Promise.allSettled(everything())) {
      expect(result).toMatchObject({ status: 'rejected', reason: error });
    }
  };

  it('is in a newer format', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'runwright-registry.json'), '{"formatVersion":2}');
    await expectAll({
      code: 'RW_REGISTRY_FORMAT',
      where: join(folder, 'runwright-registry.json'),
      what: 'the registry has format 2, and this Runwright knows formats up to 1',
      hint: expect.stringContaining('newer Runwright'),
    });
    expect(readdirSync(folder)).toEqual(['runwright-registry.json']);
  });

  it.each(['', 'x', '[]', '{}', '{"formatVersion":"1"}', '{"formatVersion":0}', '{"formatVersion":1.5}'])(
    'has the marker %s',
    async (marker) => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'runwright-registry.json'), marker);
      await expectAll({ code: 'RW_REGISTRY_INVALID', where: join(folder, 'runwright-registry.json') });
    },
  );

  it('is a folder of something else', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{}');
    await expectAll({
      code: 'RW_REGISTRY_INVALID',
      where: folder,
      what: expect.stringContaining('not empty'),
    });
    expect(readdirSync(folder)).toEqual(['package.json']);
  });

  it('is a file, or under one', async () => {
    writeFileSync(folder, 'file');
    for (const directory of [folder, join(folder, 'below')]) {
      registry = new LocalRegistry({ directory });
      await expect(registry.listModels()).rejects.toMatchObject({
        code: 'RW_REGISTRY_INVALID',
        where: directory,
      });
      await expect(registry.createModel(iris)).rejects.toMatchObject({ code: 'RW_IO', where: directory });
    }
  });

  it('has a file where a repository would be', async () => {
    await registry.createModel({ organization: 'acme', repository: 'other' });
    writeFileSync(join(folder, 'acme', 'iris'), 'file');
    expect(await registry.listModels()).toHaveLength(1);
    await expect(registry.resolve(parseReference('iris'))).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
    });
    await expect(registry.publish(iris)).rejects.toMatchObject({
      code: 'RW_IO',
      where: expect.stringContaining(join(folder, 'acme', 'iris')),
      hint: expect.stringContaining('A file stands where a folder is needed'),
    });
  });

  it.each([
    ['is no JSON', '{"schemaVersion":2,"manif'],
    ['is empty', ''],
    ['is of another shape', '{"schemaVersion":2,"manifests":{}}'],
  ])('has an index that %s', async (_name, text) => {
    await registry.createModel(iris);
    const path = join(folder, 'acme', 'iris', 'index.json');
    writeFileSync(path, text);
    const refusal = { code: 'RW_REGISTRY_INVALID', where: path, hint: expect.stringContaining('backup') };
    await expect(registry.listModels()).rejects.toMatchObject(refusal);
    await expect(registry.resolve(parseReference('iris'))).rejects.toMatchObject(refusal);
    await expect(registry.createModel(iris)).rejects.toMatchObject(refusal);
    await expect(publishTiny(registry, iris, 'x')).rejects.toMatchObject(refusal);
    // Nothing is held and nothing is left, so that it works as soon as the file is back.
    expect(readdirSync(join(folder, 'acme', 'iris')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('has a damaged or missing manifest', async () => {
    const { digest } = await publishTiny(registry, iris, 'x');
    const path = join(folder, 'acme', 'iris', 'blobs', 'sha256', hexOf(digest ?? 'sha256:'));
    chmodSync(path, 0o644);
    writeFileSync(path, 'damaged');
    const refusal = { code: 'RW_PACKAGE_CORRUPT', where: path };
    await expect(registry.resolve(parseReference('iris'))).rejects.toMatchObject(refusal);
    rmSync(path);
    await expect(registry.resolve(parseReference('iris'))).rejects.toMatchObject(refusal);
    // As the error says: registering it again puts it right.
    await publishTiny(registry, iris, 'x', { number: 1 });
    expect((await registry.resolve(parseReference('iris'))).digest).toBe(digest);
  });

  it('was being made by a process that was killed', async () => {
    mkdirSync(folder);
    const unfinished = join(folder, '.runwright-registry.json.0123456789ab-1-1-0123456789abcdef');
    writeFileSync(unfinished, '');
    expect(await registry.listModels()).toEqual([]);
    expect((await registry.createModel(iris)).number).toBe(1);
    expect(await registry.listModels()).toHaveLength(1);
  });
});
