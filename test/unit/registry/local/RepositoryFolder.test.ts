import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/artifact/digestOf';
import { EMPTY_IMAGE_INDEX } from '../../../../src/artifact/imageIndex';
import { RepositoryFolder } from '../../../../src/registry/local/RepositoryFolder';
import { StagedBlobs } from '../../../../src/registry/local/StagedBlobs';
import { StagingFolder } from '../../../../src/registry/local/StagingFolder';
import { listPaths } from '../tinyPackage';

const bytes = Buffer.from('blob');

describe('RepositoryFolder', () => {
  let home = '';
  let path = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-repository-'));
    path = join(home, 'acme', 'iris');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  /** Puts one blob in; `before` runs under the lock, before anything is written. */
  async function update(before: () => void): Promise<string> {
    const staging = await StagingFolder.create(path);
    const staged = new StagedBlobs(path, staging);
    await staged.putBytes(bytes);
    try {
      return await new RepositoryFolder(path).update(staging, () => {
        before();
        return { index: EMPTY_IMAGE_INDEX, blobs: { staged, digests: [digestOf(bytes)] }, result: 'done' };
      });
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await staging.remove();
    }
  }

  it('takes the blobs back when the index cannot be put in place', async () => {
    const index = join(path, 'index.json');
    expect(await update(() => mkdirSync(join(index, 'in-the-way'), { recursive: true }))).toBe('RW_IO');
    expect(listPaths(path)).toEqual(['index.json', 'index.json/in-the-way']);
    rmSync(index, { recursive: true });
    expect(await update(() => undefined)).toBe('done');
    expect(readdirSync(join(path, 'blobs', 'sha256'))).toHaveLength(1);
  });

  it('lets go of the lock when a change is refused', async () => {
    const refusal = () => {
      throw Object.assign(new Error('no'), { code: 'REFUSED' });
    };
    expect(await update(refusal)).toBe('REFUSED');
    expect(listPaths(home)).toEqual([]);
  });

  it('neither writes nor takes back when it has lost the lock meanwhile', async () => {
    expect(await update(() => undefined)).toBe('done');
    const before = readFileSync(join(path, 'index.json'), 'utf8');
    rmSync(join(path, 'blobs', 'sha256', digestOf(bytes).slice(7)));
    const outcome = await update(() => {
      writeFileSync(join(path, '.lock'), 'another process');
    });
    expect(outcome).toBe('RW_REGISTRY_LOCKED');
    expect(readFileSync(join(path, 'index.json'), 'utf8')).toBe(before);
    // The other process may have found the blob there, and count on it.
    expect(readdirSync(join(path, 'blobs', 'sha256'))).toHaveLength(1);
    expect(readFileSync(join(path, '.lock'), 'utf8')).toBe('another process');
  });
});
