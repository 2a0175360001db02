import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../../src/artifact/Descriptor';
import type { Digest } from '../../../../src/artifact/Digest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { HashingBlobSink } from '../../../../src/artifact/HashingBlobSink';
import type { PutOptions } from '../../../../src/artifact/BlobSink';
import { parseOciManifest } from '../../../../src/artifact/parseOciManifest';
import { canonicalJson } from '../../../../src/artifact/canonicalJson';
import type { Commit, ModelEntry } from '../../../../src/registry/Registry';
import type { BlobOrigin } from '../../../../src/registry/remote/BlobOrigin';
import type { RemoteBlobs } from '../../../../src/registry/remote/RemoteBlobs';
import { RemotePublication } from '../../../../src/registry/remote/RemotePublication';
import { putTiny } from '../tinyPackage';

const NAME = { organization: 'acme', repository: 'iris' };
const ENTRY: ModelEntry = {
  ...NAME,
  number: 1,
  digest: null,
  servable: false,
  registeredAt: null,
  aliases: [],
  history: [],
};

/** A registry's blobs in memory, which take as long to write as a test wants. */
class SlowBlobs implements RemoteBlobs {
  readonly blobs = new Map<Digest, Buffer>();
  readonly writes: Digest[] = [];
  gate: (signal: AbortSignal | undefined) => Promise<void> = () => Promise.resolve();

  has({ digest, size }: Descriptor): Promise<boolean> {
    return Promise.resolve(this.blobs.get(digest)?.length === size);
  }

  async write(
    { digest }: Descriptor,
    origin: BlobOrigin,
    { signal, onBytes }: PutOptions = {},
  ): Promise<void> {
    this.writes.push(digest);
    await this.gate(signal);
    const bytes = await buffer(await origin.open(0));
    // From anywhere else the same ones come.
    expect((await buffer(await origin.open(2))).equals(bytes.subarray(2))).toBe(true);
    this.blobs.set(digest, bytes);
    onBytes?.(bytes.length);
  }

  read(): Promise<Readable> {
    return Promise.reject(new Error('nothing is read here'));
  }
}

describe('RemotePublication', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-publication-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (blobs = new SlowBlobs()) => {
    const commits: Commit[] = [];
    const publication = new RemotePublication(NAME, blobs, (commit) => {
      commits.push(commit);
      return Promise.resolve(ENTRY);
    });
    return { blobs, commits, publication };
  };
  const file = (content: string): string => {
    const path = join(folder, `${content.length}.bin`);
    writeFileSync(path, content);
    return path;
  };

  it('sends in the background, and lets the driver finish when everything is there', async () => {
    const { blobs, commits, publication } = open();
    let release: () => void = () => undefined;
    blobs.gate = () => new Promise((resolve) => (release = resolve));
    const counts: number[] = [];
    const info = await publication.putFile(file('weights'), { onBytes: (count) => counts.push(count) });
    expect(info).toEqual({ digest: digestOf(Buffer.from('weights')), size: 7 });
    blobs.gate = () => Promise.resolve();
    const manifest = await putTiny(publication, 'weights');
    const committing = publication.commit({ manifest, number: null });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(commits).toEqual([]);
    release();
    expect(await committing).toBe(ENTRY);
    expect(commits).toEqual([{ manifest, number: null }]);
    const { config, layers } = parseOciManifest(manifest, 'test');
    expect([...blobs.blobs.keys()].sort()).toEqual([config, ...layers].map(({ digest }) => digest).sort());
    expect(blobs.writes).toHaveLength(2);
    expect(counts).toEqual([7]);
  });

  it('sends nothing that is there, and counts it', async () => {
    const { blobs, publication } = open();
    blobs.blobs.set(digestOf(Buffer.from('weights')), Buffer.from('weights'));
    const counts: number[] = [];
    const onBytes = (count: number) => counts.push(count);
    await publication.putFile(file('weights'), { onBytes });
    await publication.putFile(file('weights'), { onBytes });
    await publication.commit({ manifest: await putTiny(publication, 'weights'), number: null });
    expect(blobs.writes).toHaveLength(1);
    expect(counts).toEqual([7, 7]);
  });

  it('takes blobs out of another source, from anywhere in them', async () => {
    const { blobs, publication } = open();
    const source = new HashingBlobSink();
    const manifest = await putTiny(source, 'weights');
    const { config, layers } = parseOciManifest(manifest, 'test');
    for (const descriptor of [config, ...layers]) await publication.putBlob(descriptor, source);
    expect(blobs.blobs.get(layers[0]?.digest as Digest)?.toString()).toBe('weights');
    await publication.commit({ manifest, number: null });
  });

  it('fails with what a blob failed with, and shows nothing', async () => {
    const { blobs, commits, publication } = open();
    const failure = new Error('the registry is gone');
    blobs.gate = () => Promise.reject(failure);
    const manifest = await putTiny(publication, 'weights');
    await expect(publication.commit({ manifest, number: null })).rejects.toBe(failure);
    await expect(
      publication.putBlob(parseOciManifest(manifest, 'test').config, new HashingBlobSink()),
    ).rejects.toBe(failure);
    await publication.abandon();
    expect(commits).toEqual([]);
  });

  it('refuses a manifest whose sizes are wrong, and takes the right one after it', async () => {
    const { publication } = open();
    const manifest = await putTiny(publication, 'weights');
    const parsed = parseOciManifest(manifest, 'test');
    const layers = parsed.layers.map((layer) => ({ ...layer, size: layer.size + 1 }));
    const wrong = canonicalJson({ ...parsed, layers });
    await expect(publication.commit({ manifest: wrong, number: null })).rejects.toMatchObject({
      code: 'RW_PACKAGE_INVALID',
    });
    expect(await publication.commit({ manifest, number: null })).toBe(ENTRY);
  });

  it('is over after commit and after abandon', async () => {
    const { publication } = open();
    const manifest = await putTiny(publication, 'weights');
    const first = publication.commit({ manifest, number: null });
    await expect(publication.commit({ manifest, number: null })).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
    await first;
    const { publication: abandoned } = open();
    await abandoned.abandon();
    for (const over of [publication, abandoned]) {
      await expect(over.putBytes(Buffer.from('x'))).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
      await expect(over.putFile(file('x'))).rejects.toMatchObject({ code: 'RW_OPTION_INVALID' });
      await expect(over.commit({ manifest, number: null })).rejects.toMatchObject({
        code: 'RW_OPTION_INVALID',
      });
    }
  });

  it('calls off what runs when it is abandoned, and waits for its end', async () => {
    const { blobs, publication } = open();
    let ended = false;
    blobs.gate = (signal) =>
      new Promise((_, reject) =>
        signal?.addEventListener('abort', () =>
          setTimeout(() => {
            ended = true;
            reject(new Error('called off'));
          }, 20),
        ),
      );
    await publication.putFile(file('weights'));
    await publication.abandon();
    expect(ended).toBe(true);
    expect(blobs.blobs.size).toBe(0);
  });

  it('refuses a file that was written to after it was put', async () => {
    const { blobs, publication } = open();
    let release: () => void = () => undefined;
    blobs.gate = () => new Promise((resolve) => (release = resolve));
    const path = file('weights');
    await publication.putFile(path);
    writeFileSync(path, 'other words');
    await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    blobs.gate = () => Promise.resolve();
    const manifest = await putTiny(new HashingBlobSink(), 'weights');
    await expect(publication.commit({ manifest, number: null })).rejects.toMatchObject({ code: 'RW_IO' });
  });
});
