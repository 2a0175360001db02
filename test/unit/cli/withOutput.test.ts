import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withOutput } from '../../../src/cli/predict/withOutput';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runwright-output-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a file appears when all has been written, not before', async () => {
  const file = join(folder, 'out.jsonl');
  const result = await withOutput(file, async (write) => {
    await write('a\n');
    await write('b\n');
    expect(await readdir(folder)).not.toContain('out.jsonl');
    return 7;
  });
  expect(result).toBe(7);
  expect(await readFile(file, 'utf8')).toBe('a\nb\n');
  expect(await readdir(folder)).toEqual(['out.jsonl']);
});

it('a failure leaves what was there', async () => {
  const file = join(folder, 'out.jsonl');
  await writeFile(file, 'before');
  const failed = withOutput(file, async (write) => {
    await write('half');
    throw new Error('stop');
  });
  await expect(failed).rejects.toThrow('stop');
  expect(await readFile(file, 'utf8')).toBe('before');
  expect(await readdir(folder)).toEqual(['out.jsonl']);
});

it('a link stays a link', async () => {
  await writeFile(join(folder, 'real'), 'before');
  await symlink('real', join(folder, 'link'));
  await withOutput(join(folder, 'link'), (write) => write('after'));
  expect(await readFile(join(folder, 'real'), 'utf8')).toBe('after');
});

it('what is no plain file is written to as it is', async () => {
  await withOutput('/dev/null', (write) => write('gone'));
  await expect(withOutput(folder, () => Promise.resolve())).rejects.toMatchObject({ code: 'RW_IO' });
  await expect(withOutput(join(folder, 'a/b'), () => Promise.resolve())).rejects.toMatchObject({
    code: 'RW_IO',
  });
});
