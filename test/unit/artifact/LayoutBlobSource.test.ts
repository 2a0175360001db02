import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/artifact/Digest';
import { digestOf } from '../../../src/artifact/digestOf';
import { LayoutBlobSource } from '../../../src/artifact/LayoutBlobSource';
import { blobPath } from '../../../src/artifact/ociLayout';

const describeBytes = (bytes: string) => ({
  mediaType: 'text/plain',
  digest: digestOf(Buffer.from(bytes)),
  size: bytes.length,
});

describe('LayoutBlobSource', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-layout-'));
    mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(blobPath(folder, describeBytes('there').digest), 'there');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives the bytes and the path of a blob', async () => {
    const source = new LayoutBlobSource(folder);
    expect(await text(await source.stream(describeBytes('there')))).toBe('there');
    expect(source.localPath(describeBytes('there'))).toBe(
      join(folder, 'blobs', 'sha256', describeBytes('there').digest.slice(7)),
    );
  });

  it('says which blob is missing', async () => {
    const missing = new LayoutBlobSource(folder).stream(describeBytes('missing'));
    await expect(missing).rejects.toMatchObject({
      code: 'RW_PACKAGE_CORRUPT',
      where: expect.stringContaining(blobPath(folder, describeBytes('missing').digest)),
      what: 'it is missing',
    });
  });

  it('never leaves the folder, whatever a document calls a digest', () => {
    const hostile = { ...describeBytes('x'), digest: 'sha256:../../../../etc/passwd' as Digest };
    expect(() => new LayoutBlobSource(folder).localPath(hostile)).toThrow(
      expect.objectContaining({ code: 'RW_PACKAGE_INVALID' }),
    );
  });
});
