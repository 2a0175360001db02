import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withTemporaryFolder } from '../../../src/registrar/withTemporaryFolder';
import { deadOwner } from '../artifact/deadOwner';
import { makeUnremovable } from '../makeUnremovable';

describe('withTemporaryFolder', () => {
  let home = '';
  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-home-')));
    vi.stubEnv('TMPDIR', home);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    execFileSync('rm', ['-rf', home]);
  });

  it('gives an empty folder of this user alone, and removes it with all that is in it', async () => {
    await withTemporaryFolder(async (folder) => {
      expect(readdirSync(home)).toEqual([folder.slice(home.length + 1)]);
      expect(readdirSync(folder)).toEqual([]);
      expect(statSync(folder).mode & 0o077).toBe(0);
      mkdirSync(join(folder, 'model'));
      writeFileSync(join(folder, 'model', 'weights'), 'x', { mode: 0o444 });
      await Promise.resolve();
    });
    expect(readdirSync(home)).toEqual([]);
  });

  it('removes what killed processes left there, and nothing that is in use or of others', async () => {
    const left = join(home, `runwright-${deadOwner()}-a1B2c3`);
    mkdirSync(join(left, 'model'), { recursive: true });
    writeFileSync(join(left, 'model', 'weights'), 'x', { mode: 0o444 });
    const others = ['runwright-test-a1B2c3', `runwright-${deadOwner()}`, `other-${deadOwner()}-a1B2c3`];
    for (const name of others) mkdirSync(join(home, name));
    await withTemporaryFolder((outer) =>
      withTemporaryFolder(async (inner) => {
        expect(
          readdirSync(home)
            .map((name) => join(home, name))
            .sort(),
        ).toEqual([outer, inner, ...others.map((name) => join(home, name))].sort());
        await Promise.resolve();
      }),
    );
    expect(readdirSync(home).sort()).toEqual(others.sort());
  });

  it('gives the result, or the error, of the work although the folder cannot be removed', async () => {
    const answer = await withTemporaryFolder((folder) => {
      makeUnremovable(folder);
      return Promise.resolve('registered');
    });
    expect(answer).toBe('registered');
    const failing = withTemporaryFolder((folder) => {
      makeUnremovable(folder);
      return Promise.reject(new Error('the real one'));
    });
    await expect(failing).rejects.toThrow('the real one');
    expect(readdirSync(home)).toHaveLength(2);
  });
});
