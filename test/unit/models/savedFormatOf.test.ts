import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { savedFormatOf } from '../../../src/models/savedFormatOf';
import { saveValue } from '../../../src/models/value/saveValue';
import { withFolder } from './value/withFolder';

test('the default format for a folder that the default saver wrote', async () => {
  await withFolder(async (directory) => {
    await saveValue(undefined, directory);
    expect(await savedFormatOf(directory)).toBe('default');
  });
});

test.each(['', '{', '{"format":"runwright-modes","version":1}', '{"layers":[]}'])(
  'none for a model.json of the user: %s',
  async (text) => {
    await withFolder(async (directory) => {
      await writeFile(join(directory, 'model.json'), text);
      expect(await savedFormatOf(directory)).toBeUndefined();
    });
  },
);

test('none for an empty folder and for none', async () => {
  await withFolder(async (directory) => {
    expect(await savedFormatOf(directory)).toBeUndefined();
    expect(await savedFormatOf(join(directory, 'missing'))).toBeUndefined();
  });
});

test('RW_IO when it cannot be told', async () => {
  await withFolder(async (directory) => {
    await mkdir(join(directory, 'model.json'));
    await expect(savedFormatOf(directory)).rejects.toMatchObject({ code: 'RW_IO' });
  });
});
