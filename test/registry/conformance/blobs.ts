import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseOciManifest } from '../../../src/artifact/parseOciManifest';
import { LocalRegistry } from '../../../src/registry/local/LocalRegistry';
import { putPackage, publishPackage, verifyBlob, verifyPackage } from '../testPackage';
import { ABSENT, IRIS, outcomeOf, resolveText, type Conformance } from './RegistryStage';

const MIB = 1024 * 1024;

export function describeBlobs({ stage }: Conformance): void {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-conformance-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = (size: number): string => {
    const path = join(folder, `${size}.bin`);
    writeFileSync(path, randomBytes(size));
    return path;
  };
  const layersOf = (manifest: Buffer) => parseOciManifest(manifest, 'test').layers;

  it('takes and gives 64 MB, one byte and none', async () => {
    const files = {
      'big.bin': file(64 * MIB + 3),
      'one.bin': Buffer.from('1'),
      'empty.bin': Buffer.alloc(0),
    };
    const publication = await stage().open().publish(IRIS);
    const manifest = await putPackage(publication, files);
    await publication.commit({ manifest, number: null });
    const reader = stage().open();
    const resolved = await resolveText(reader, 'iris');
    await verifyPackage(reader, resolved);
    const sizes = layersOf(resolved.manifest).map(({ size }) => size);
    expect(sizes.slice(-3)).toEqual([64 * MIB + 3, 0, 1]);
  });

  it('has the digest of what was read, and counts its bytes', async () => {
    const path = file(3 * MIB + 1);
    const publication = await stage().open().publish(IRIS);
    let counted = 0;
    const onBytes = (count: number): void => {
      expect(count).toBeGreaterThan(0);
      counted += count;
    };
    const info = await publication.putFile(path, { onBytes });
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(info).toEqual({ digest: `sha256:${sha256}`, size: 3 * MIB + 1 });
    const manifest = await putPackage(publication, { 'weights.bin': path });
    await publication.commit({ manifest, number: null });
    expect(counted).toBe(info.size);
  });

  it('takes one blob many times at once', async () => {
    const publication = await stage().open().publish(IRIS);
    const paths = Array.from({ length: 12 }, (_, at) => file(40_000 + (at % 4)));
    const infos = await Promise.all([...paths, ...paths].map((path) => publication.putFile(path)));
    expect(new Set(infos.map(({ digest }) => digest)).size).toBe(4);
    const files = Object.fromEntries(paths.map((path, at) => [`${at}.bin`, path]));
    await publication.commit({ manifest: await putPackage(publication, files), number: null });
    const reader = stage().open();
    await verifyPackage(reader, await resolveText(reader, 'iris'));
  });

  it('brings the blobs to this machine, and counts their bytes', async () => {
    const publication = await stage().open().publish(IRIS);
    const manifest = await putPackage(publication, {
      'a.bin': file(MIB),
      'b.bin': file(2 * MIB),
      'c.bin': file(0),
    });
    await publication.commit({ manifest, number: null });
    const layers = layersOf(manifest);
    const blobs = stage().open().blobs(IRIS);
    for (let round = 0; round < 2; round += 1) {
      let counted = 0;
      await blobs.fetch?.(layers, { onBytes: (count) => (counted += count) });
      if (blobs.fetch) expect(counted).toBe(layers.reduce((sum, { size }) => sum + size, 0));
      for (const layer of layers) {
        const path = blobs.localPath(layer);
        if (path === undefined) throw new Error('a blob that was fetched has a path');
        expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(layer.digest.slice(7));
      }
    }
    expect(
      await outcomeOf(blobs.fetch?.(layers, { signal: AbortSignal.abort() }) ?? Promise.resolve()),
    ).toMatch(/^(done|RW_ABORTED)$/);
  });

  it('says that a blob is not there', async () => {
    await publishPackage(stage().open(), IRIS, 'one');
    const blobs = stage().open().blobs(IRIS);
    const absent = { mediaType: 'application/octet-stream', digest: ABSENT, size: 3 };
    const read = async (): Promise<Buffer> => buffer(await blobs.stream(absent));
    expect(await outcomeOf(read())).toBe('RW_PACKAGE_CORRUPT');
    if (blobs.fetch) expect(await outcomeOf(blobs.fetch([absent]))).toBe('RW_PACKAGE_CORRUPT');
  });

  it('takes blobs out of another registry, and reads none that it has', async () => {
    const source = new LocalRegistry({ directory: join(folder, 'source'), defaultOrganization: 'acme' });
    const first = await source.publish(IRIS);
    const manifest = await putPackage(first, { 'weights.bin': file(MIB), 'empty.bin': file(0) });
    await first.commit({ manifest, number: null });
    const { config, layers } = parseOciManifest(manifest, 'test');
    let reads = 0;
    let sent: number | undefined;
    const blobs = source.blobs(IRIS);
    const counting = {
      localPath: () => undefined,
      stream: (descriptor: typeof config) => {
        reads += 1;
        return blobs.stream(descriptor);
      },
    };
    for (const number of [1, 2]) {
      const registry = stage().open();
      const publication = await registry.publish(IRIS);
      let counted = 0;
      await Promise.all(
        [config, ...layers].map((descriptor) =>
          publication.putBlob(descriptor, counting, { onBytes: (count) => (counted += count) }),
        ),
      );
      expect(counted).toBe([config, ...layers].reduce((sum, { size }) => sum + size, 0));
      expect(await publication.commit({ manifest, number: null })).toMatchObject({ number });
      const resolved = await resolveText(stage().open(), `iris:${number}`);
      expect(resolved.manifest.equals(manifest)).toBe(true);
      await verifyPackage(registry, resolved);
      // The empty blob may be known without reading.
      sent ??= reads;
      expect(reads).toBe(sent);
    }
  });

  it('refuses blobs of another registry that are damaged, cut off, or gone', async () => {
    const directory = join(folder, 'damaged');
    const source = new LocalRegistry({ directory, defaultOrganization: 'acme' });
    const first = await source.publish(IRIS);
    const manifest = await putPackage(first, { 'weights.bin': file(2 * MIB) });
    await first.commit({ manifest, number: null });
    const weights = layersOf(manifest).at(-1);
    if (weights === undefined) throw new Error('the package has a layer');
    const path = source.blobs(IRIS).localPath(weights) ?? '';
    const whole = readFileSync(path);
    chmodSync(path, 0o644);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(MIB) ^ 1, MIB);
    for (const damage of [flipped, whole.subarray(0, MIB), undefined]) {
      if (damage === undefined) rmSync(path);
      else writeFileSync(path, damage);
      const publication = await stage().open().publish(IRIS);
      const put = async (): Promise<void> => {
        const { config, layers } = parseOciManifest(manifest, 'test');
        for (const blob of [config, ...layers]) await publication.putBlob(blob, source.blobs(IRIS));
        await publication.commit({ manifest, number: null });
      };
      expect(await outcomeOf(put())).toBe('RW_PACKAGE_CORRUPT');
      await publication.abandon();
      expect(await stage().open().listModels()).toEqual([]);
    }
    // And nothing of it stands in the way of the right one.
    writeFileSync(path, whole);
    const publication = await stage().open().publish(IRIS);
    for (const blob of [parseOciManifest(manifest, 'test').config, ...layersOf(manifest)]) {
      await publication.putBlob(blob, source.blobs(IRIS));
    }
    await publication.commit({ manifest, number: null });
    const reader = stage().open();
    await verifyBlob(reader.blobs(IRIS), weights);
  });

  it('stops at the signal, and shows nothing of it', async () => {
    const path = file(48 * MIB);
    const registry = stage().open();
    const publication = await registry.publish(IRIS);
    const controller = new AbortController();
    const publish = async (): Promise<void> => {
      await publication.putFile(path, { signal: controller.signal, onBytes: () => controller.abort() });
      await publication.commit({
        manifest: await putPackage(publication, { 'weights.bin': path }),
        number: null,
      });
    };
    expect(await outcomeOf(publish())).toBe('RW_ABORTED');
    await publication.abandon();
    expect(await stage().open().listModels()).toEqual([]);
    await publishPackage(registry, IRIS, 'next');
  });

  it('refuses a file that is not there', async () => {
    const publication = await stage().open().publish(IRIS);
    const missing = join(folder, 'none');
    await expect(publication.putFile(missing)).rejects.toMatchObject({ code: 'RW_IO', where: missing });
    await publication.abandon();
  });
}
