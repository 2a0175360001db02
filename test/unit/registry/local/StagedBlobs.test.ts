import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobSource } from '../../../../src/artifact/BlobSource';
import { digestOf } from '../../../../src/artifact/digestOf';
import { LayoutBlobSource } from '../../../../src/artifact/LayoutBlobSource';
import { blobPath } from '../../../../src/artifact/ociLayout';
import { StagedBlobs } from '../../../../src/registry/local/StagedBlobs';
import { StagingFolder } from '../../../../src/registry/local/StagingFolder';

describe('StagedBlobs', () => {
  const bytes = Buffer.from('weights');
  const digest = digestOf(bytes);
  let repository = '';
  let stored = '';
  let staging: StagingFolder;
  let blobs: StagedBlobs;
  beforeEach(async () => {
    repository = mkdtempSync(join(tmpdir(), 'runwright-staged-'));
    stored = blobPath(repository, digest);
    mkdirSync(dirname(stored), { recursive: true });
    staging = await StagingFolder.create(repository);
    blobs = new StagedBlobs(repository, staging);
  });
  afterEach(() => {
    rmSync(repository, { recursive: true });
  });

  it('takes back what it placed, and can place it again', async () => {
    await blobs.putBytes(bytes);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const undo = await blobs.place([digest]);
      expect(readFileSync(stored)).toEqual(bytes);
      await undo();
      expect(readdirSync(dirname(stored))).toEqual([]);
    }
  });

  it.each(['Weights', 'weight', 'weights and more', ''])(
    'replaces a blob that has become %j, which is not taken back',
    async (damaged) => {
      writeFileSync(stored, damaged);
      await blobs.putBytes(bytes);
      expect(readFileSync(stored, 'utf8')).toBe(damaged);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const undo = await blobs.place([digest]);
        await undo();
        expect(readFileSync(stored)).toEqual(bytes);
      }
    },
  );

  it('links an intact blob and writes nothing', async () => {
    writeFileSync(stored, bytes, { mode: 0o444 });
    await blobs.putBytes(bytes);
    await blobs.putBytes(bytes);
    expect(readdirSync(staging.path)).toHaveLength(1);
    await (
      await blobs.place([digest])
    )();
    expect(readFileSync(stored)).toEqual(bytes);
  });

  describe('a blob of another place', () => {
    const descriptor = { mediaType: 'application/octet-stream', digest, size: bytes.length };
    let other = '';
    const source = (content: string | undefined): LayoutBlobSource => {
      const path = blobPath(other, digest);
      mkdirSync(dirname(path), { recursive: true });
      if (content !== undefined) writeFileSync(path, content);
      return new LayoutBlobSource(other);
    };
    /** The same without a path, as of an archive. */
    const streamed = (content: string): BlobSource => ({
      stream: () => Promise.resolve(Readable.from([Buffer.from(content)])),
      localPath: () => undefined,
    });
    beforeEach(() => {
      other = mkdtempSync(join(tmpdir(), 'runwright-other-'));
    });
    afterEach(() => {
      rmSync(other, { recursive: true });
    });

    it.each(['a file', 'a stream'])('is taken from %s, and counted once', async (kind) => {
      let counted = 0;
      const onBytes = (count: number): void => void (counted += count);
      const from = kind === 'a file' ? source('weights') : streamed('weights');
      await blobs.putBlob(descriptor, from, { onBytes });
      await blobs.putBlob(descriptor, from, { onBytes });
      expect(counted).toBe(2 * bytes.length);
      await blobs.place([digest]);
      expect(readFileSync(stored)).toEqual(bytes);
    });

    it('is not read when it is there already', async () => {
      writeFileSync(stored, bytes);
      await blobs.putBlob(descriptor, source(undefined));
      expect(blobs.get(digest)).toEqual({ digest, size: bytes.length });
    });

    it('is fetched first where it is far away, and then counted as it arrives', async () => {
      const near = source('weights');
      let isNear = false;
      const far: BlobSource = {
        stream: (wanted) => near.stream(wanted),
        localPath: (wanted) => (isNear ? near.localPath(wanted) : undefined),
        fetch: (wanted, options) => {
          isNear = true;
          wanted.forEach(({ size }) => options?.onBytes?.(size));
          return Promise.resolve();
        },
      };
      let counted = 0;
      await blobs.putBlob(descriptor, far, { onBytes: (count) => void (counted += count) });
      expect(counted).toBe(bytes.length);
      await blobs.place([digest]);
      expect(readFileSync(stored)).toEqual(bytes);
    });

    it.each(['Weights', 'weight', 'weights and more', undefined])('is refused as %j', async (content) => {
      const sources = content === undefined ? [source(content)] : [source(content), streamed(content)];
      for (const from of sources) {
        await expect(blobs.putBlob(descriptor, from)).rejects.toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
        expect(blobs.get(digest)).toBeUndefined();
      }
    });
  });
});
