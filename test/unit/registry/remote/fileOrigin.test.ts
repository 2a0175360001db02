import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOrigin } from '../../../../src/registry/remote/fileOrigin';

describe('fileOrigin', () => {
  let path = '';
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'runwright-origin-')), 'weights.bin');
    writeFileSync(path, Buffer.alloc(5_000_000, 'abcdefg'));
  });
  afterEach(() => rmSync(join(path, '..'), { recursive: true }));
  const origin = () => fileOrigin(path, statSync(path, { bigint: true }));

  it('gives the bytes from anywhere on, as often as they are wanted', async () => {
    const file = origin();
    const whole = Buffer.alloc(5_000_000, 'abcdefg');
    for (const offset of [0, 0, 3, 4_999_999, 5_000_000]) {
      expect((await buffer(await file.open(offset))).equals(whole.subarray(offset))).toBe(true);
    }
  });

  it.each([
    ['longer', () => appendFileSync(path, 'x')],
    ['shorter', () => truncateSync(path, 4_000_000)],
    ['other', () => writeFileSync(path, Buffer.alloc(5_000_000, 'x'))],
  ])('refuses a file that is %s by now', async (_, change) => {
    const file = origin();
    const stream = await file.open(0);
    change();
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'RW_IO' });
    await expect(file.open(0)).rejects.toMatchObject({ code: 'RW_IO' });
  });

  it('refuses a file that is gone', async () => {
    const file = origin();
    rmSync(path);
    await expect(file.open(0)).rejects.toMatchObject({ code: 'RW_IO' });
  });
});
