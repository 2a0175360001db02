import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasSavedValue } from '../../../../src/models/value/hasSavedValue';
import { saveValue } from '../../../../src/models/value/saveValue';
import { withFolder } from './withFolder';

test('true for a folder that the default saver wrote', async () => {
  await withFolder(async (directory) => {
    await saveValue(undefined, directory);
    expect(await hasSavedValue(directory)).toBe(true);
  });
});

test.each(['', '{', '{"format":"runwright-modes","version":1}', '{"layers":[]}'])(
  'false for a model.json of the user: %s',
  async (text) => {
    await withFolder(async (directory) => {
      await writeFile(join(directory, 'model.json'), text);
      expect(await hasSavedValue(directory)).toBe(false);
    });
  },
);

test('false for an empty folder and for none', async () => {
  await withFolder(async (directory) => {
    expect(await hasSavedValue(directory)).toBe(false);
    expect(await hasSavedValue(join(directory, 'missing'))).toBe(false);
  });
});

test('RW_IO when it cannot be told', async () => {
  await withFolder(async (directory) => {
    await mkdir(join(directory, 'model.json'));
    await expect(hasSavedValue(directory)).rejects.toMatchObject({ code: 'RW_IO' });
  });
});
