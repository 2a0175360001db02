import { OCI_LAYOUT } from '../../../../src/artifact/ociLayout';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../src/artifact/canonicalJson';
import { EMPTY_IMAGE_INDEX, formatImageIndex } from '../../../../src/artifact/imageIndex';
import { hexOf } from '../../../../src/artifact/Digest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { MEDIA_TYPES } from '../../../../src/artifact/mediaTypes';
import { parseReference } from '../../../../src/artifact/Reference';
import { LocalRegistry } from '../../../../src/registry/local/LocalRegistry';
import { newOwnerId } from '../../../../src/artifact/ownerId';
import type { Publication } from '../../../../src/registry/Registry';
import { makeUnremovable } from '../../makeUnremovable';
import { listPaths, publishTiny, putTiny } from '../tinyPackage';

const iris = { organization: 'acme', repository: 'iris' };
const MIB = 1024 * 1024;

/** Bytes of files under a folder, each inode once. */
function bytesUnder(folder: string): number {
  const seen = new Map<number, number>();
  for (const path of listPaths(folder)) {
    const stats = statSync(join(folder, path));
    if (stats.isFile()) seen.set(stats.ino, stats.size);
  }
  return [...seen.values()].reduce((sum, size) => sum + size, 0);
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

async function putWithFile(publication: Publication, path: string, code: string): Promise<Buffer> {
  const weights = { mediaType: MEDIA_TYPES.weight, ...(await publication.putFile(path)) };
  const config = {
    mediaType: MEDIA_TYPES.modelConfig,
    ...(await publication.putBytes(Buffer.from('{"a":1}'))),
  };
  const layer = { mediaType: MEDIA_TYPES.code, ...(await publication.putBytes(Buffer.from(code))) };
  return canonicalJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: MEDIA_TYPES.modelManifest,
    config,
    layers: [layer, weights],
  });
}

describe('a publication of the local registry', () => {
  let home = '';
  let folder = '';
  let layout = '';
  let registry = new LocalRegistry({ directory: '.' });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-publish-'));
    folder = join(home, 'registry');
    layout = join(folder, 'acme', 'iris');
    registry = new LocalRegistry({ directory: folder, defaultOrganization: 'acme' });
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  const file = (size: number, fill = 'w'): string => {
    const path = join(home, `weights-${size}-${fill}.bin`);
    writeFileSync(path, Buffer.alloc(size, fill));
    return path;
  };
  const blobNames = () => readdirSync(join(layout, 'blobs/sha256')).sort();

  it('shows nothing before commit, and nothing after it is abandoned', async () => {
    const publication = await registry.publish(iris);
    await putWithFile(publication, file(3 * MIB), 'code');
    expect(await registry.listModels()).toEqual([]);
    await expect(registry.resolve(parseReference('iris'))).rejects.toMatchObject({
      code: 'RW_MODEL_NOT_FOUND',
    });
    await publication.abandon();
    await publication.abandon();
    expect(listPaths(folder)).toEqual(['runwright-registry.json']);
  });

  it('takes a file in as it is, with the digest of what was read', async () => {
    const path = file(5 * MIB + 3);
    const publication = await registry.publish(iris);
    let counted = 0;
    const info = await publication.putFile(path, { onBytes: (count) => (counted += count) });
    expect(info).toEqual({ digest: digestOf(readFileSync(path)), size: 5 * MIB + 3 });
    expect(counted).toBe(info.size);
    await publication.commit({ manifest: await putWithFile(publication, path, 'code'), number: null });
    const blob = join(layout, 'blobs/sha256', hexOf(info.digest));
    expect(readFileSync(blob).equals(readFileSync(path))).toBe(true);
    expect(statSync(blob).mode & 0o222).toBe(0);
  });

  it('writes under 1 MB when only the code changed', async () => {
    const path = file(8 * MIB);
    const first = await registry.publish(iris);
    await first.commit({ manifest: await putWithFile(first, path, 'code 1'), number: null });
    const before = bytesUnder(folder);
    const second = await registry.publish(iris);
    let counted = 0;
    const manifest = await putWithFile(second, path, 'code 2');
    await second.putFile(path, { onBytes: (count) => (counted += count) });
    expect(bytesUnder(folder) - before).toBeLessThan(4096);
    expect(counted).toBe(8 * MIB);
    await second.commit({ manifest, number: 1 });
    expect(bytesUnder(folder) - before).toBeLessThan(4096);
    for (const name of blobNames()) expect(statSync(join(layout, 'blobs/sha256', name)).nlink).toBe(1);
  });

  it('copies a file that only has the size of a known blob', async () => {
    await registry
      .publish(iris)
      .then(async (first) =>
        first.commit({ manifest: await putWithFile(first, file(2 * MIB, 'a'), 'c'), number: null }),
      );
    const second = await registry.publish(iris);
    let counted = 0;
    const info = await second.putFile(file(2 * MIB, 'b'), { onBytes: (count) => (counted += count) });
    expect(info.digest).toBe(digestOf(Buffer.alloc(2 * MIB, 'b')));
    expect(counted).toBe(2 * MIB);
    await second.commit({ manifest: await putWithFile(second, file(2 * MIB, 'b'), 'c'), number: null });
    expect(digestOf(readFileSync(join(layout, 'blobs/sha256', hexOf(info.digest))))).toBe(info.digest);
  });

  it('keeps a blob that it decided not to copy, though somebody removes it meanwhile', async () => {
    const path = file(2 * MIB);
    const digest = digestOf(readFileSync(path));
    // A publication was killed between moving its blobs and writing the index.
    await registry.createModel(iris);
    copyFileSync(path, join(layout, 'blobs/sha256', hexOf(digest)));
    const publication = await registry.publish(iris);
    const manifest = await putWithFile(publication, path, 'code');
    rmSync(join(layout, 'blobs/sha256', hexOf(digest)));
    rmSync(path);
    await publication.commit({ manifest, number: 1 });
    expect(digestOf(readFileSync(join(layout, 'blobs/sha256', hexOf(digest))))).toBe(digest);
  });

  it('writes a blob again that is damaged so that its size is another', async () => {
    const path = file(2 * MIB);
    const first = await registry.publish(iris);
    await first.commit({ manifest: await putWithFile(first, path, 'code'), number: null });
    const blob = join(layout, 'blobs/sha256', hexOf(digestOf(readFileSync(path))));
    chmodSync(blob, 0o644);
    writeFileSync(blob, 'truncated');
    const second = await registry.publish(iris);
    await second.commit({ manifest: await putWithFile(second, path, 'code'), number: 1 });
    expect(statSync(blob).size).toBe(2 * MIB);
  });

  it('repairs a damaged blob when it is put in again, for every number that has it', async () => {
    const path = file(2 * MIB);
    for (const number of [1, 2]) {
      const publication = await registry.publish(iris);
      await publication.commit({
        manifest: await putWithFile(publication, path, `code ${number}`),
        number: null,
      });
    }
    const former = blobNames();
    for (const name of former) flipByte(join(layout, 'blobs/sha256', name));
    const again = await registry.publish(iris);
    const manifest = await putWithFile(again, path, 'code 2');
    // A refusal changes nothing of that.
    await expect(again.commit({ manifest, number: 9 })).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    expect((await again.commit({ manifest, number: null })).number).toBe(3);
    expect(blobNames()).toEqual(former);
    const damaged = former.filter(
      (name) => hexOf(digestOf(readFileSync(join(layout, 'blobs/sha256', name)))) !== name,
    );
    // What only the first number has: its manifest and its code.
    expect(damaged).toHaveLength(2);
    const { manifest: second } = await registry.resolve(parseReference('iris:2'));
    expect(second).toEqual(manifest);
    expect(existsSync(join(layout, '.staging'))).toBe(false);
  });

  it('takes the same blob twice, and many at once', async () => {
    const publication = await registry.publish(iris);
    const paths = Array.from({ length: 20 }, (_, at) => file(40_000 + (at % 10), 'x'));
    const infos = await Promise.all(paths.map((path) => publication.putFile(path)));
    expect(new Set(infos.map(({ digest }) => digest)).size).toBe(10);
    const config = await publication.putBytes(Buffer.from('{}'));
    const manifest = canonicalJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      artifactType: MEDIA_TYPES.modelManifest,
      config: { mediaType: MEDIA_TYPES.modelConfig, ...config },
      layers: infos.map((info) => ({ mediaType: MEDIA_TYPES.doc, ...info })),
    });
    await publication.commit({ manifest, number: null });
    expect(blobNames()).toHaveLength(12);
  });

  it('does not publish blobs that the manifest does not name', async () => {
    const publication = await registry.publish(iris);
    const manifest = await putTiny(publication, 'named');
    const stray = await publication.putBytes(Buffer.from('stray'));
    await publication.commit({ manifest, number: null });
    expect(blobNames()).not.toContain(hexOf(stray.digest));
    expect(existsSync(join(layout, '.staging'))).toBe(false);
  });

  it('refuses a manifest with a blob that is nowhere, or of another size', async () => {
    const publication = await registry.publish(iris);
    const manifest = await putTiny(publication, 'there');
    const broken = JSON.parse(manifest.toString()) as { layers: { digest: string; size: number }[] };
    const missing = { ...broken, layers: [{ ...broken.layers[0], digest: digestOf(Buffer.from('absent')) }] };
    const resized = { ...broken, layers: [{ ...broken.layers[0], size: 4 }] };
    for (const [bad, what] of [
      [missing, 'was not put in'],
      [resized, 'has 4 bytes, and it has 5'],
    ] as const) {
      await expect(publication.commit({ manifest: canonicalJson(bad), number: null })).rejects.toMatchObject({
        code: 'RW_PACKAGE_INVALID',
        what: expect.stringContaining(what),
      });
    }
    await expect(publication.commit({ manifest: Buffer.from('{}'), number: null })).rejects.toMatchObject({
      code: 'RW_PACKAGE_INVALID',
    });
    expect(await registry.listModels()).toEqual([]);
    // A refusal is not the end.
    expect((await publication.commit({ manifest, number: null })).number).toBe(1);
  });

  it('publishes over blobs that are in the repository, without their being put again', async () => {
    await publishTiny(registry, iris, 'weights');
    const { manifest } = await registry.resolve(parseReference('iris'));
    const publication = await registry.publish(iris);
    expect(await publication.commit({ manifest, number: null })).toMatchObject({ number: 2, servable: true });
  });

  it('reserves no number that is given already', async () => {
    await registry.createModel(iris);
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
      manifests: { digest: string }[];
    };
    const reservation = readFileSync(join(layout, 'blobs/sha256', manifests[0]?.digest.slice(7) ?? ''));
    const publication = await registry.publish(iris);
    await expect(publication.commit({ manifest: reservation, number: 1 })).rejects.toMatchObject({
      code: 'RW_PACKAGE_INVALID',
    });
    await publication.abandon();
  });

  it('is over after commit and after abandon', async () => {
    const publication = await registry.publish(iris);
    const manifest = await putTiny(publication, 'x');
    await publication.commit({ manifest, number: null });
    await publication.abandon();
    await expect(publication.commit({ manifest, number: null })).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
    await expect(publication.putBytes(Buffer.from('y'))).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
    expect(await registry.listModels()).toHaveLength(1);
  });

  it('is published though its staging folder cannot be removed', async () => {
    const publication = await registry.publish(iris);
    const manifest = await putTiny(publication, 'x');
    const staging = join(layout, '.staging');
    const [owner = ''] = readdirSync(staging);
    makeUnremovable(join(staging, owner));
    try {
      expect((await publication.commit({ manifest, number: null })).number).toBe(1);
      await publication.abandon();
      expect(existsSync(join(staging, owner))).toBe(true);
    } finally {
      execFileSync('rm', ['-rf', staging]);
    }
  });

  it('stops at the signal and removes what it had written', async () => {
    const path = file(8 * MIB);
    const publication = await registry.publish(iris);
    const controller = new AbortController();
    const putting = publication.putFile(path, {
      signal: controller.signal,
      onBytes: () => controller.abort(),
    });
    await expect(putting).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(bytesUnder(layout)).toBe(0);
    await publication.abandon();
    expect(listPaths(folder)).toEqual(['runwright-registry.json']);
  });

  it('stops files that are still being taken in when it is abandoned', async () => {
    const publication = await registry.publish(iris);
    const putting = publication.putFile(file(32 * MIB)).then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );
    await publication.abandon();
    expect(await putting).toBe('RW_ABORTED');
    expect(listPaths(folder)).toEqual(['runwright-registry.json']);
  });

  it('refuses a file that changes while it is read, and leaves nothing of it', async () => {
    const path = file(8 * MIB);
    const publication = await registry.publish(iris);
    const putting = publication.putFile(path, { onBytes: () => appendFileSync(path, 'x') });
    await expect(putting).rejects.toMatchObject({ code: 'RW_IO', where: path });
    expect(bytesUnder(layout)).toBe(0);
    await expect(publication.putFile(join(home, 'none'))).rejects.toMatchObject({
      code: 'RW_IO',
      where: join(home, 'none'),
    });
    await publication.abandon();
  });

  describe('after a killed process', () => {
    const dead = () => newOwnerId().replace(`-${process.pid}-`, '-4194305-');
    const foreign = () => newOwnerId().replace(/^\w+/, '0123456789ab');
    const leave = (owner: string): string => {
      const staging = join(layout, '.staging', owner);
      mkdirSync(staging, { recursive: true });
      writeFileSync(join(staging, 'blob-1'), 'half');
      return staging;
    };

    it('removes its staging folder, its blobs and its lock, and nothing that is in use', async () => {
      await publishTiny(registry, iris, 'one');
      await publishTiny(registry, iris, 'two', { number: 1 });
      const before = blobNames();
      const running = await registry.publish(iris);
      const manifest = await putTiny(running, 'running');
      leave(dead());
      writeFileSync(join(layout, 'blobs/sha256', hexOf(digestOf(Buffer.from('orphan')))), 'orphan');
      writeFileSync(join(layout, '.lock'), `${dead()}\nhere\n`);
      writeFileSync(join(layout, '.lock.0123456789abcdef'), `${dead()}\nhere\n`);
      const other = leave(foreign());
      await registry.setAlias(iris, 'stable', 1);
      expect(blobNames()).toEqual(before);
      expect(readdirSync(join(layout, '.staging'))).toHaveLength(2);
      expect(existsSync(other)).toBe(true);
      await running.commit({ manifest, number: null });
      expect(readdirSync(layout).sort()).toEqual(['.staging', 'blobs', 'index.json', 'oci-layout']);
    });

    it('removes what a process of another machine left only when it is old', async () => {
      await registry.createModel(iris);
      const staging = leave(foreign());
      await registry.createModel(iris);
      expect(existsSync(staging)).toBe(true);
      const yesterday = Date.now() / 1000 - 25 * 3600;
      utimesSync(staging, yesterday, yesterday);
      await registry.createModel(iris);
      expect(existsSync(staging)).toBe(true);
      utimesSync(join(staging, 'blob-1'), yesterday, yesterday);
      await registry.createModel(iris);
      expect(existsSync(staging)).toBe(false);
    });

    it('heals a first publication that was killed when its blobs were there and its index was still the empty one', async () => {
      leave(dead());
      mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
      writeFileSync(join(layout, 'blobs/sha256', hexOf(digestOf(Buffer.from('orphan')))), 'orphan');
      writeFileSync(join(layout, 'oci-layout'), OCI_LAYOUT.versionJson);
      writeFileSync(join(layout, 'index.json'), formatImageIndex(EMPTY_IMAGE_INDEX));
      writeFileSync(join(folder, 'runwright-registry.json'), '{"formatVersion":1}');
      expect(await registry.listModels()).toEqual([]);
      await expect(registry.readEntry(iris, 1)).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
      await publishTiny(registry, iris, 'one');
      expect(blobNames()).toHaveLength(3);
      expect(readdirSync(layout).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    });

    it('refuses a repository whose index is lost, and removes none of its blobs', async () => {
      await publishTiny(registry, iris, 'one');
      const before = blobNames();
      const index = join(layout, 'index.json');
      rmSync(index);
      leave(dead());
      const lost = {
        code: 'RW_REGISTRY_INVALID',
        where: index,
        what: expect.stringContaining('is lost') as string,
      };
      await expect(registry.createModel(iris)).rejects.toMatchObject(lost);
      await expect(publishTiny(registry, iris, 'two')).rejects.toMatchObject(lost);
      await expect(registry.readEntry(iris, 1)).rejects.toMatchObject(lost);
      expect(blobNames()).toEqual(before);
    });

    it('judges no blobs while it cannot read every manifest', async () => {
      const { digest } = await publishTiny(registry, iris, 'one');
      const orphan = join(layout, 'blobs/sha256', hexOf(digestOf(Buffer.from('orphan'))));
      writeFileSync(orphan, 'orphan');
      rmSync(join(layout, 'blobs/sha256', hexOf(digest ?? 'sha256:')));
      leave(dead());
      await registry.createModel(iris);
      expect(existsSync(orphan)).toBe(true);
    });
  });
});
