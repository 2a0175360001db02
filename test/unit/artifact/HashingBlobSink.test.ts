import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/artifact/digestOf';
import { HashingBlobSink } from '../../../src/artifact/HashingBlobSink';

const mediaType = 'application/octet-stream';

describe('HashingBlobSink', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-sink-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives files and bytes out again, and writes nothing', async () => {
    const path = join(folder, 'weights.bin');
    const weights = Buffer.alloc(3_000_000, 'weights');
    writeFileSync(path, weights);
    const sink = new HashingBlobSink();
    const file = await sink.putFile(path);
    const bytes = await sink.putBytes(Buffer.from('{}'));
    expect(file).toEqual({ digest: digestOf(weights), size: weights.length });
    expect(bytes).toEqual({ digest: digestOf(Buffer.from('{}')), size: 2 });
    expect((await buffer(await sink.stream({ mediaType, ...file }))).equals(weights)).toBe(true);
    expect((await buffer(await sink.stream({ mediaType, ...bytes }))).toString()).toBe('{}');
    expect(sink.localPath({ mediaType, ...file })).toBe(path);
    expect(sink.localPath({ mediaType, ...bytes })).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['weights.bin']);
  });

  it('keeps bytes that the caller changes afterwards', async () => {
    const sink = new HashingBlobSink();
    const mine = Buffer.from('before');
    const info = await sink.putBytes(mine);
    mine.fill('x');
    expect((await buffer(await sink.stream({ mediaType, ...info }))).toString()).toBe('before');
  });

  it('does not give out a file that is no longer what was hashed', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'one');
    const sink = new HashingBlobSink();
    const info = await sink.putFile(path);
    appendFileSync(path, 'two');
    await expect(sink.stream({ mediaType, ...info }).then(buffer)).rejects.toMatchObject({
      code: 'RW_IO',
      where: path,
    });
    rmSync(path);
    await expect(sink.stream({ mediaType, ...info }).then(buffer)).rejects.toMatchObject({ code: 'RW_IO' });
  });

  it('does not give out a file that changes while it is given out', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(4_000_000));
    const sink = new HashingBlobSink();
    const stream = await sink.stream({ mediaType, ...(await sink.putFile(path)) });
    await expect(
      (async () => {
        for await (const chunk of stream) appendFileSync(path, (chunk as Buffer).subarray(0, 1));
      })(),
    ).rejects.toMatchObject({ code: 'RW_IO', what: expect.stringContaining('changed') });
  });

  it('refuses a blob that was never put in', async () => {
    const descriptor = { mediaType, digest: digestOf(Buffer.from('x')), size: 1 };
    await expect(new HashingBlobSink().stream(descriptor)).rejects.toMatchObject({
      code: 'RW_PACKAGE_INVALID',
    });
  });
});
