import { expect, it } from 'vitest';
import { canonicalJson } from '../../../src/artifact/canonicalJson';
import { digestOf } from '../../../src/artifact/digestOf';
import { MEDIA_TYPES } from '../../../src/artifact/mediaTypes';
import type { OciManifest } from '../../../src/artifact/OciManifest';
import { publishPackage, putPackage, readContent, verifyPackage } from '../testPackage';
import { ABSENT, IRIS, numbersOf, outcomeOf, resolveText, type Conformance } from './RegistryStage';

const FILES = { 'weights.bin': Buffer.from('weights') };

export function describePublishing({ stage }: Conformance): void {
  it('shows nothing before commit, and all of it after', async () => {
    const publication = await stage().open().publish(IRIS);
    const manifest = await putPackage(publication, FILES);
    const reader = stage().open();
    expect(await reader.listModels()).toEqual([]);
    for (const reference of ['iris', 'iris:1', `iris@${digestOf(manifest)}`]) {
      await expect(resolveText(reader, reference)).rejects.toMatchObject({ code: 'RW_MODEL_NOT_FOUND' });
    }
    const entry = await publication.commit({ manifest, number: null });
    expect(entry).toMatchObject({ number: 1, digest: digestOf(manifest), servable: true });
    expect(await reader.listModels()).toEqual([entry]);
    await verifyPackage(reader, await resolveText(reader, 'iris'));
  });

  it('leaves nothing to be seen of what was abandoned', async () => {
    const registry = stage().open();
    const publication = await registry.publish(IRIS);
    const manifest = await putPackage(publication, FILES);
    await publication.abandon();
    await publication.abandon();
    await expect(publication.commit({ manifest, number: null })).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
    expect(await outcomeOf((async () => publication.putBytes(Buffer.from('x')))())).toBe('RW_OPTION_INVALID');
    expect(await stage().open().listModels()).toEqual([]);
    expect((await publishPackage(registry, IRIS, 'next')).number).toBe(1);
  });

  it('is over after commit', async () => {
    const registry = stage().open();
    const publication = await registry.publish(IRIS);
    const manifest = await putPackage(publication, FILES);
    const entry = await publication.commit({ manifest, number: null });
    await publication.abandon();
    expect(await outcomeOf(publication.commit({ manifest, number: null }))).toBe('RW_OPTION_INVALID');
    expect(await outcomeOf((async () => publication.putBytes(Buffer.from('x')))())).toBe('RW_OPTION_INVALID');
    expect(await stage().open().listModels()).toEqual([entry]);
  });

  it('keeps the manifest to the byte', async () => {
    const registry = stage().open();
    const publication = await registry.publish(IRIS);
    const parsed = JSON.parse((await putPackage(publication, FILES)).toString()) as OciManifest;
    const manifest = Buffer.from(
      `${JSON.stringify({ annotations: { 'org.example.note': 'Grüße ☃' }, ...parsed }, null, '\t')}\r\n`,
    );
    const { digest } = await publication.commit({ manifest, number: null });
    expect(digest).toBe(digestOf(manifest));
    expect((await resolveText(stage().open(), 'iris')).manifest.equals(manifest)).toBe(true);
  });

  it('refuses a manifest with a blob that is nowhere, or of another size, and one that is none', async () => {
    const registry = stage().open();
    const publication = await registry.publish(IRIS);
    const manifest = await putPackage(publication, FILES);
    const parsed = JSON.parse(manifest.toString()) as OciManifest;
    const withLast = (change: object): Buffer =>
      canonicalJson({
        ...parsed,
        layers: parsed.layers.map((layer, at) =>
          at < parsed.layers.length - 1 ? layer : { ...layer, ...change },
        ),
      });
    const notManifests = [Buffer.from('{}'), Buffer.from('not JSON'), Buffer.alloc(0)];
    for (const bad of [withLast({ digest: ABSENT }), withLast({ size: 4 }), ...notManifests]) {
      expect(await outcomeOf(publication.commit({ manifest: bad, number: null }))).toBe('RW_PACKAGE_INVALID');
    }
    expect(await stage().open().listModels()).toEqual([]);
    // A refusal is not the end.
    const entry = await publication.commit({ manifest, number: null });
    expect(await stage().open().listModels()).toEqual([entry]);
  });

  it('reserves no number that is given already', async () => {
    const registry = stage().open();
    const one = await publishPackage(registry, IRIS, 'one');
    const publication = await registry.publish(IRIS);
    const empty = { mediaType: MEDIA_TYPES.emptyConfig, ...(await publication.putBytes(Buffer.from('{}'))) };
    const manifest = canonicalJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      artifactType: MEDIA_TYPES.reservation,
      config: empty,
      layers: [empty],
    });
    expect(await outcomeOf(publication.commit({ manifest, number: 1 }))).toBe('RW_PACKAGE_INVALID');
    await publication.abandon();
    expect(await stage().open().listModels()).toEqual([one]);
  });

  it('takes blobs that the repository has already without their being put again', async () => {
    const one = await publishPackage(stage().open(), IRIS, 'one');
    const registry = stage().open();
    const { manifest } = await resolveText(registry, 'iris');
    const publication = await registry.publish(IRIS);
    const two = await publication.commit({ manifest, number: null });
    expect(two).toMatchObject({ number: 2, digest: one.digest, servable: true });
    await verifyPackage(registry, await resolveText(registry, 'iris:2'));
  });

  it('shows readers the old package or the new one, whole', async () => {
    const writer = stage().open();
    const contents = Array.from({ length: 12 }, (_, at) => `package ${at}`);
    const digests = new Set([(await publishPackage(writer, IRIS, 'package 0')).digest]);
    await writer.setAlias(IRIS, 'stable', 1);
    let over = false;
    let reads = 0;
    const seen = new Set<string>();
    const read = async (reference: string): Promise<void> => {
      while (!over) {
        const reader = stage().open();
        const resolved = await resolveText(reader, reference);
        await verifyPackage(reader, resolved);
        const content = await readContent(reader, resolved);
        expect(contents).toContain(content);
        seen.add(content);
        expect((await reader.listModels()).map(({ number }) => number)).toContain(1);
        reads += 1;
      }
    };
    const readers = [read('iris:1'), read('iris'), read('iris:stable')];
    const watched = Promise.all(readers);
    try {
      for (const content of contents.slice(1)) {
        digests.add((await publishPackage(writer, IRIS, content, { number: 1 })).digest);
      }
    } finally {
      over = true;
      await watched;
    }
    expect(digests.size).toBe(contents.length);
    expect(reads).toBeGreaterThan(2);
    expect(numbersOf(await stage().open().listModels())).toEqual([1]);
  });
}
