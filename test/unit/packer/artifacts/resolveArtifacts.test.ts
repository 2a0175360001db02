import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import { resolveArtifacts } from '../../../../src/packer/artifacts/resolveArtifacts';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'runwright-test-')));
  await mkdir(join(folder, 'data/deep/empty'), { recursive: true });
  await writeFile(join(folder, 'labels.txt'), 'a\nb\n');
  await writeFile(join(folder, 'data/one.bin'), '1');
  await writeFile(join(folder, 'data/deep/two.bin'), '22');
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = async (artifacts: Record<string, string>): Promise<string> => {
  const local = Object.fromEntries(Object.entries(artifacts).map(([from, to]) => [join(folder, from), to]));
  const error: unknown = await resolveArtifacts(local).catch((reason: unknown) => reason);
  if (!RunwrightError.is(error) || error.code !== 'RW_ARTIFACT_INVALID')
    throw new Error(`not refused: ${String(error)}`);
  expect(error.hint).toBeTruthy();
  return error.message;
};

describe('resolveArtifacts', () => {
  it('takes files, and folders with their sub-folders, sorted by package path', async () => {
    await chmod(join(folder, 'data/one.bin'), 0o755);
    const { keys, files } = await resolveArtifacts({
      [join(folder, 'labels.txt')]: 'text/labels.txt',
      [join(folder, 'data/*')]: 'bin/*',
    });
    expect(keys).toEqual(['bin/*', 'text/labels.txt']);
    expect(files).toEqual([
      { source: join(folder, 'data/deep/two.bin'), path: 'bin/deep/two.bin', executable: false, size: 2 },
      { source: join(folder, 'data/one.bin'), path: 'bin/one.bin', executable: true, size: 1 },
      { source: join(folder, 'labels.txt'), path: 'text/labels.txt', executable: false, size: 4 },
    ]);
  });

  it.runIf(process.platform === 'linux')('says that a name is not UTF-8', async () => {
    const name = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
    await writeFile(Buffer.concat([Buffer.from(join(folder, 'data/')), name]), '1');
    expect(await refusal({ 'data/*': 'bin/*' })).toMatch(/name is not UTF-8.*Rename it/);
  });

  it('takes a name that holds the replacement character itself', async () => {
    await writeFile(join(folder, 'data/\ufffd.bin'), '1');
    const { files } = await resolveArtifacts({ [join(folder, 'data/*')]: '*' });
    expect(files.map(({ path }) => path)).toContain('\ufffd.bin');
  });

  it('takes a folder into the root of the package', async () => {
    const { keys, files } = await resolveArtifacts({ [join(folder, 'data/*')]: '*' });
    expect(keys).toEqual(['*']);
    expect(files.map(({ path }) => path)).toEqual(['deep/two.bin', 'one.bin']);
  });

  it.each([
    ['missing.txt', 'a.txt', 'does not exist'],
    ['data', 'data', 'is a folder'],
    ['labels.txt/*', 'x/*', 'cannot be read|is not a folder'],
    ['data/*', 'data', 'not the whole last segment, on both sides'],
    ['data/one.bin', 'data/*', 'not the whole last segment, on both sides'],
    ['data/*.bin', 'data/*.bin', 'not the whole last segment'],
    ['data/*/x', 'data/*/x', 'not the whole last segment'],
    ['data/deep/empty/*', 'x/*', 'holds no file'],
    ['labels.txt', '/etc/labels.txt', 'it is absolute'],
    ['labels.txt', 'C:/labels.txt', 'it is absolute'],
    ['labels.txt', '../labels.txt', '`..` segment'],
    ['labels.txt', 'a/../../labels.txt', '`..` segment'],
    ['labels.txt', './labels.txt', '`.` or an empty segment'],
    ['labels.txt', 'a//labels.txt', '`.` or an empty segment'],
    ['labels.txt', 'a\\labels.txt', 'backslash'],
    ['labels.txt', 'a/b:c', 'a `:`, which Windows does not take'],
    ['labels.txt', 'labels?', 'a `\\?`'],
    ['labels.txt', '<labels>', 'a `<`'],
    ['labels.txt', 'a"b', 'a `"`'],
    ['labels.txt', 'a|b', 'a `\\|`'],
    ['labels.txt', 'a./labels.txt', 'ends in a dot or a space'],
    ['labels.txt', 'labels ', 'ends in a dot or a space'],
    ['labels.txt', 'a/CON', '"CON" is a device'],
    ['labels.txt', 'nul.txt', '"nul.txt" is a device'],
    ['labels.txt', 'Lpt1 .tar.gz/labels.txt', '"Lpt1 .tar.gz" is a device'],
    ['labels.txt', 'com\u00b2', 'is a device'],
    ['data/*', 'aux/*', '"aux" is a device'],
    ['labels.txt', 'a\u0000b', 'control character'],
    ['labels.txt', '', 'it is empty'],
    ['labels.txt', 'runwright.json', 'reserved'],
    ['labels.txt', 'Code/labels.txt', 'reserved'],
    ['labels.txt', 'model/labels.txt', 'reserved'],
    ['labels.txt', 'vessl.manifest.yaml', 'reserved'],
    ['labels.txt', 'x'.repeat(2000), 'longer than'],
  ])('refuses %s as %s', async (from, to, why) => {
    expect(await refusal({ [from]: to })).toMatch(new RegExp(why));
  });

  it.each(['console', 'null.txt', '.config', 'com10', 'a b/c d', 'lpt', 'a+b=c;d,e&f', '日本語'])(
    'takes %s',
    async (path) => {
      const { files } = await resolveArtifacts({ [join(folder, 'labels.txt')]: path });
      expect(files).toMatchObject([{ path }]);
    },
  );

  it('refuses a package path that is not a string', async () => {
    await expect(resolveArtifacts({ 'labels.txt': 3 as never })).rejects.toThrow(
      'its package path is number',
    );
  });

  it.each([
    [{ 'labels.txt': 'a', 'data/one.bin': 'a' }],
    [{ 'labels.txt': 'a', 'data/one.bin': 'A' }],
    [{ 'labels.txt': 'caf\u00e9', 'data/one.bin': 'cafe\u0301' }],
    [{ 'labels.txt': 'caf\u00c9', 'data/one.bin': 'cafe\u0301' }],
    [{ 'labels.txt': 'file', 'data/one.bin': '\ufb01le' }],
    [{ 'labels.txt': 'a', 'data/one.bin': 'a/b' }],
  ])('refuses sources that collide: %o', async (artifacts) => {
    expect(await refusal(artifacts as Record<string, string>)).toContain('collides');
  });

  it('follows links that stay in the folder, and refuses those that leave it or go round', async () => {
    await symlink(join(folder, 'data/one.bin'), join(folder, 'data/link.bin'));
    const { files } = await resolveArtifacts({ [join(folder, 'data/*')]: 'd/*' });
    expect(files.map(({ path }) => path)).toEqual(['d/deep/two.bin', 'd/link.bin', 'd/one.bin']);
    await symlink(join(folder, 'labels.txt'), join(folder, 'data/out'));
    expect(await refusal({ 'data/*': 'd/*' })).toContain('leaves the folder');
    await rm(join(folder, 'data/out'));
    await symlink(join(folder, 'data'), join(folder, 'data/deep/round'));
    expect(await refusal({ 'data/*': 'd/*' })).toContain('goes round');
    await rm(join(folder, 'data/deep/round'));
    await symlink(join(folder, 'nowhere'), join(folder, 'data/dangling'));
    expect(await refusal({ 'data/*': 'd/*' })).toContain('leads nowhere');
  });

  it('refuses what is neither a file nor a folder', async () => {
    execFileSync('mkfifo', [join(folder, 'data/pipe')]);
    expect(await refusal({ 'data/*': 'd/*' })).toContain('neither a file nor a folder');
    expect(await refusal({ 'data/pipe': 'pipe' })).toContain('is not a file');
  });
});
