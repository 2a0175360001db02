import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobCache } from '../../src/registry/remote/BlobCache';
import { CachedBlobs } from '../../src/registry/remote/CachedBlobs';
import { MemoryBlobs } from '../unit/registry/remote/memoryBlobs';
import { canMount, mountDisk, unmountDisk } from './smallDisk';

const MIB = 1024 * 1024;
const allowed = canMount();
const title = 'the cache on a disk of its own';

describe.skipIf(!allowed)(allowed ? title : `${title} (skipped: this user may not mount)`, () => {
  let disk = '';
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'runwright-disk-'));
    mountDisk(disk, 'size=4m');
  });
  afterEach(() => {
    unmountDisk(disk);
    rmdirSync(disk);
  });

  it('says that the disk is full, leaves nothing of what did not fit, and goes on with what does', async () => {
    const remote = new MemoryBlobs();
    const large = remote.add(randomBytes(6 * MIB));
    const small = remote.add(randomBytes(MIB));
    const blobs = new CachedBlobs(remote, new BlobCache(disk));
    await expect(blobs.fetch([large])).rejects.toMatchObject({
      code: 'RW_IO',
      where: expect.stringContaining(disk),
      what: expect.stringContaining('ENOSPC'),
      hint: expect.stringContaining('Free some space'),
    });
    const left = readdirSync(disk, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(left).toEqual([]);
    await blobs.fetch([small]);
    expect(blobs.localPath(small)).toBeDefined();
    expect(blobs.localPath(large)).toBeUndefined();
  });
});
