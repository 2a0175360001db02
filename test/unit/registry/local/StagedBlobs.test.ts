import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/artifact/Digest';
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
});
