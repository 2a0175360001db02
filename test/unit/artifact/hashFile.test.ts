import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile } from '../../../src/artifact/hashFile';

const CHUNK = 2 * 1024 * 1024;

describe('hashFile', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runwright-hash-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives sha256 and size of any file, and hands out its bytes in order', async () => {
    const sizes = fc.oneof(
      fc.constantFrom(0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7),
      fc.nat(5 * CHUNK),
    );
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(255), async (size, seed) => {
        const bytes = Buffer.alloc(size, `seed ${seed} `);
        for (let at = 0; at < size; at += 4096) bytes.writeUInt8((at >> 12) & 255, at);
        const path = join(folder, 'file');
        writeFileSync(path, bytes);
        const copy = createHash('sha256');
        let counted = 0;
        const info = await hashFile(path, {
          consume: (chunk) => {
            copy.update(chunk);
            return Promise.resolve();
          },
          onBytes: (count) => (counted += count),
        });
        const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
        expect(info).toEqual({ digest, size });
        expect(`sha256:${copy.digest('hex')}`).toBe(digest);
        expect(counted).toBe(size);
      }),
      { numRuns: 25 },
    );
  });

  it('waits for a slow consumer before it uses the buffer again', async () => {
    const path = join(folder, 'slow');
    const bytes = Buffer.concat([1, 2, 3, 4, 5].map((value) => Buffer.alloc(CHUNK, value)));
    writeFileSync(path, bytes);
    const seen: Buffer[] = [];
    await hashFile(path, {
      consume: async (chunk) => {
        await new Promise((done) => setTimeout(done, 5));
        seen.push(Buffer.from(chunk));
      },
    });
    expect(Buffer.concat(seen).equals(bytes)).toBe(true);
  });

  it('refuses a file that grows while it is read', async () => {
    const path = join(folder, 'grows');
    writeFileSync(path, Buffer.alloc(3 * CHUNK));
    const reading = hashFile(path, { onBytes: () => appendFileSync(path, 'x') });
    await expect(reading).rejects.toMatchObject({
      code: 'RW_IO',
      where: path,
      what: expect.stringContaining('changed'),
    });
  });

  it('refuses a file that is rewritten at the same size while it is read', async () => {
    const path = join(folder, 'rewritten');
    writeFileSync(path, Buffer.alloc(3 * CHUNK));
    utimesSync(path, 1, 1);
    const reading = hashFile(path, { onBytes: () => writeFileSync(path, Buffer.alloc(3 * CHUNK, 1)) });
    await expect(reading).rejects.toMatchObject({ code: 'RW_IO', what: expect.stringContaining('changed') });
  });

  it('stops at the signal, before and while it reads', async () => {
    const path = join(folder, 'long');
    writeFileSync(path, Buffer.alloc(4 * CHUNK));
    await expect(hashFile(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'RW_ABORTED',
      hint: 'Run it again: nothing was changed',
    });
    const controller = new AbortController();
    let counted = 0;
    const reading = hashFile(path, {
      signal: controller.signal,
      onBytes: (count) => {
        counted += count;
        controller.abort('why');
      },
    });
    await expect(reading).rejects.toMatchObject({ code: 'RW_ABORTED', cause: 'why' });
    expect(counted).toBe(CHUNK);
  });

  it('names what it cannot read', async () => {
    await expect(hashFile(join(folder, 'none'))).rejects.toMatchObject({
      code: 'RW_IO',
      where: join(folder, 'none'),
      what: expect.stringContaining('ENOENT'),
    });
    await expect(hashFile(folder)).rejects.toMatchObject({ code: 'RW_IO', what: 'it is not a regular file' });
  });

  it.skipIf(process.platform === 'win32')('does not wait for a named pipe', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await expect(hashFile(path)).rejects.toMatchObject({ code: 'RW_IO', what: 'it is not a regular file' });
  });

  it("keeps a consumer's error", async () => {
    const path = join(folder, 'consumed');
    writeFileSync(path, Buffer.alloc(2 * CHUNK));
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const reading = hashFile(path, { consume: () => Promise.reject(full) });
    await expect(reading).rejects.toMatchObject({ code: 'RW_IO', cause: full });
  });
});
