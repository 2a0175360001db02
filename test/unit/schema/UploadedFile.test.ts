import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { UploadedFile } from '../../../src/schema/UploadedFile';

const folder = mkdtempSync(join(tmpdir(), 'runwright-file-'));
const path = join(folder, 'note.txt');
writeFileSync(path, 'hello');
afterAll(() => rmSync(folder, { recursive: true }));

describe('UploadedFile', () => {
  it('tells of a file on the disk, and gives its bytes', async () => {
    const file = UploadedFile.from(relative(process.cwd(), path), { mime: 'text/plain' });
    expect({ ...file }).toEqual({ path, filename: 'note.txt', mime: 'text/plain', size: 5 });
    expect(Buffer.from(await file.bytes()).toString()).toBe('hello');
    const chunks: Buffer[] = [];
    for await (const chunk of file.stream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
  });

  it('has defaults', () => {
    expect(UploadedFile.from(path, { filename: 'other' })).toMatchObject({
      filename: 'other',
      mime: 'application/octet-stream',
    });
  });

  it('does not tell the path in JSON', () => {
    expect(JSON.parse(JSON.stringify({ file: UploadedFile.from(path) }))).toEqual({
      file: { filename: 'note.txt', mime: 'application/octet-stream', size: 5 },
    });
  });

  it('cannot be changed to another file', () => {
    expect(() => Object.assign(UploadedFile.from(path), { path: '/etc/passwd' })).toThrow(TypeError);
  });

  it('refuses what is not there, and what is a folder', () => {
    for (const wrong of [join(folder, 'none'), folder]) {
      try {
        UploadedFile.from(wrong);
      } catch (error) {
        expect(RunwrightError.is(error) && [error.code, error.where]).toEqual(['RW_IO', wrong]);
        continue;
      }
      throw new Error('nothing was thrown');
    }
  });

  it('says that the file is gone', async () => {
    const gone = join(folder, 'gone.txt');
    writeFileSync(gone, 'x');
    const file = UploadedFile.from(gone);
    rmSync(gone);
    await expect(file.bytes()).rejects.toMatchObject({ code: 'RW_IO', where: gone });
  });
});
