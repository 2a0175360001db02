import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replacePrivateFile } from '../../../src/registry/replacePrivateFile';

describe('replacePrivateFile', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'runwright-private-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes a file, and the folders above it, for their user alone', async () => {
    const file = join(folder, 'settings', 'auth.json');
    await replacePrivateFile(file, 'secret', 'the credentials');
    expect(readFileSync(file, 'utf8')).toBe('secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'settings')).mode & 0o777).toBe(0o700);
  });

  it('takes rights away from a file that others could read', async () => {
    const file = join(folder, 'auth.json');
    writeFileSync(file, 'old', { mode: 0o644 });
    await replacePrivateFile(file, 'new', 'the credentials');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['auth.json']);
  });

  it('keeps a link, and writes where it leads', async () => {
    const elsewhere = join(folder, 'dotfiles');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'auth.json'), 'old');
    symlinkSync(join(elsewhere, 'auth.json'), join(folder, 'auth.json'));
    await replacePrivateFile(join(folder, 'auth.json'), 'new', 'the credentials');
    expect(lstatSync(join(folder, 'auth.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(elsewhere, 'auth.json'), 'utf8')).toBe('new');
  });

  it('leaves nothing beside what it cannot replace', async () => {
    const file = join(folder, 'auth.json');
    mkdirSync(file);
    await expect(replacePrivateFile(file, 'new', 'the credentials')).rejects.toMatchObject({
      code: 'RW_IO',
      where: file,
    });
    expect(readdirSync(folder)).toEqual(['auth.json']);
  });
});
