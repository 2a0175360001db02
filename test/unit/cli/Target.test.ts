import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseTarget, refuseUnfitFlags } from '../../../src/cli/Target';

describe('parseTarget', () => {
  it.each([
    ['./iris.runner.ts', 'entry'],
    ['iris.runner.mjs', 'entry'],
    ['/srv/iris.cts', 'entry'],
    ['iris.tar', 'archive'],
    ['./iris', 'archive'],
    ['../iris.package', 'archive'],
    ['/srv/iris', 'archive'],
    ['iris', 'reference'],
    ['acme/iris:3', 'reference'],
    ['iris.v2:stable', 'reference'],
  ])('%s is an %s', (argument, kind) => {
    expect(parseTarget(argument).kind).toBe(kind);
  });

  it('a name that exists as a file is a path', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runwright-target-'));
    const before = process.cwd();
    onTestFinished(() => {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    });
    writeFileSync(join(folder, 'iris'), '');
    expect(parseTarget('iris').kind).toBe('reference');
    process.chdir(folder);
    expect(parseTarget('iris')).toEqual({ kind: 'archive', path: 'iris' });
  });
});

describe('refuseUnfitFlags', () => {
  it.each([
    ['a reference', 'iris', { artifact: {} }, '--artifact'],
    ['an archive', 'iris.tar', { requirement: ['sharp'] }, '--requirement'],
    ['an entry', 'a.ts', { allowScripts: ['sharp'] }, '--allow-scripts'],
  ])('names the flag that makes no sense for %s', (_, argument, flags, where) => {
    expect(() => refuseUnfitFlags(parseTarget(argument), flags)).toThrow(
      expect.objectContaining({ code: 'RW_USAGE', where }),
    );
  });

  it('lets pass what fits', () => {
    expect(() => refuseUnfitFlags(parseTarget('iris'), { allowScripts: ['a'] })).not.toThrow();
    expect(() => refuseUnfitFlags(parseTarget('iris.tar'), {})).not.toThrow();
    expect(() => refuseUnfitFlags(parseTarget('a.ts'), { model: 'm', artifact: {} })).not.toThrow();
  });
});
