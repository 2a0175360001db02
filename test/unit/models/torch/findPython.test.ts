import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPython } from '../../../../src/models/torch/findPython';

const root = mkdtempSync(join(tmpdir(), 'runwright-python-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder with a program that answers as a Python with this torch does. */
function pythonIn(name: string, answer: string, program = 'python3'): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, program), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  return folder;
}

const withTorch = (torch: string | null): string =>
  `echo '${JSON.stringify({ path: '', python: '3.11.2', torch })}'`;

const { PATH, RUNWRIGHT_PYTHON } = process.env;

describe('findPython', () => {
  beforeEach(() => {
    delete process.env.RUNWRIGHT_PYTHON;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    if (RUNWRIGHT_PYTHON === undefined) delete process.env.RUNWRIGHT_PYTHON;
    else process.env.RUNWRIGHT_PYTHON = RUNWRIGHT_PYTHON;
  });
  const setPath = (...folders: string[]) => {
    process.env.PATH = [...folders, '/bin', '/usr/bin/none'].join(delimiter);
  };

  it('takes the first on PATH whose torch will do', async () => {
    const right = pythonIn('right', withTorch('1.13.0a0'), 'python');
    setPath(pythonIn('none', withTorch(null)), pythonIn('old', withTorch('1.12.1')), right);
    expect(await findPython()).toEqual({
      path: join(right, 'python'),
      torchVersion: '1.13.0a0',
      pythonVersion: '3.11.2',
    });
  });

  it('says of each why it will not do', async () => {
    const folders = [
      pythonIn('a', withTorch(null)),
      pythonIn('b', withTorch('1.9.0')),
      pythonIn('c', 'echo broken interpreter >&2; exit 3'),
    ];
    process.env.PATH = folders.join(delimiter);
    // sh itself is not on this PATH, and need not be.
    await expect(findPython()).rejects.toMatchObject({
      code: 'RW_PYTHON_MISSING',
      what: [
        'no Python with torch 1.13 or newer was found:',
        `  - ${join(folders[0] ?? '', 'python3')}: Python 3.11.2 without torch`,
        `  - ${join(folders[1] ?? '', 'python3')}: its torch is 1.9.0, and 1.13 is the oldest that will do`,
        `  - ${join(folders[2] ?? '', 'python3')}: it could not say which torch it has (broken interpreter)`,
      ].join('\n'),
      hint: expect.stringContaining('RUNWRIGHT_PYTHON') as string,
    });
  });

  it('says that PATH has none', async () => {
    process.env.PATH = root;
    await expect(findPython()).rejects.toThrow(/there is no python3 or python on PATH/);
  });

  it('takes the given one before that of the environment, and falls back to nothing', async () => {
    const good = join(pythonIn('good', withTorch('2.4.0')), 'python3');
    setPath(join(root, 'good'));
    process.env.RUNWRIGHT_PYTHON = join(root, 'missing');
    expect((await findPython({ python: good })).torchVersion).toBe('2.4.0');
    await expect(findPython()).rejects.toMatchObject({
      code: 'RW_PYTHON_MISSING',
      where: 'RUNWRIGHT_PYTHON',
      what: expect.stringContaining('there is no such program') as string,
    });
    await expect(findPython({ python: join(root, 'other') })).rejects.toMatchObject({
      where: 'the option `python`',
    });
  });

  it('compares versions by number', async () => {
    const python = join(pythonIn('newest', withTorch('2.15.0+cu132')), 'python3');
    expect((await findPython({ python, atLeast: '2.2' })).torchVersion).toBe('2.15.0+cu132');
    await expect(findPython({ python, atLeast: '2.16' })).rejects.toThrow(/2\.16 is the oldest/);
  });

  it('asks a folder that PATH has under two names once', async () => {
    const folder = pythonIn('twice', withTorch(null));
    symlinkSync(folder, join(root, 'alias'));
    process.env.PATH = [folder, join(root, 'alias')].join(delimiter);
    const error = (await findPython().catch((reason: unknown) => reason)) as Error;
    expect(error.message.match(/without torch/g)).toHaveLength(1);
  });
});
